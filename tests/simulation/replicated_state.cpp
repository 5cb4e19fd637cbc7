#include "tests/simulation/replicated_state.hpp"

#include <type_traits>

#include "tests/simulation/chance.hpp"

namespace troupe::simulation {

namespace {

std::uint64_t hash_of(const raft::configuration& c) {
  std::uint64_t h = c.auto_leave ? 1 : 2;
  for (const auto* list : {&c.voters, &c.outgoing, &c.learners, &c.learners_next}) {
    h = mix(h);
    for (const auto id : *list) {
      h = mix(h ^ id.value());
    }
  }
  return h;
}

template <class T>
void put_raw(std::string& to, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
void take_raw(std::string_view& from, T& value) {
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
}

}  // namespace

// ---- sessions -------------------------------------------------------------------------------

const session_table::session* session_table::find_repeated(const command& c) const {
  const auto& s = sessions_[c.client];
  return c.sequence <= s.sequence ? &s : nullptr;
}

void session_table::record(const command& c, const reply& answer) {
  sessions_[c.client] = {c.sequence, answer};
}

// ---- state ----------------------------------------------------------------------------------

replicated_state::replicated_state(raft::snapshot_point begins)
    : applied_(begins.index),
      applied_term_(begins.term),
      peers_(std::make_shared<const raft::configuration>(std::move(begins.peers))) {}

replicated_state::effect replicated_state::apply(const raft::entry& e) {
  effect done;
  if (e.type == raft::entry_type::configuration) {
    peers_ = std::make_shared<const raft::configuration>(*e.peers);
    peers_from_ = e.index.value();
    peers_hash_ = mix(hash_of(*peers_) ^ peers_from_);
  } else if (e.type != raft::entry_type::no_op) {
    const command c = command_of(e.data.view());
    done = run(c, e.index);
    done.is_command = true;
  }
  applied_ = e.index;
  applied_term_ = e.term;
  return done;
}

replicated_state::effect replicated_state::run(const command& c, raft::log_index at) {
  effect done;
  if (c.has_session) {
    if (const auto* known = sessions_.find_repeated(c)) {
      done.answer = known->answer;
      done.answer.is_stale = known->sequence != c.sequence;
      done.is_repeated = true;
      return done;
    }
  }
  if (c.what == operation::poison) {
    done.answer.is_refused = true;
  } else {
    auto& cell = cells_[c.key];
    cell.value = c.what == operation::put ? c.value : cell.value + c.value;
    cell.version = at.value();
    done.answer.value = cell.value;
  }
  done.answer.version = at.value();
  if (c.has_session) {
    sessions_.record(c, done.answer);
  }
  return done;
}

reply replicated_state::read(std::uint8_t key) const {
  reply r;
  r.value = cells_[key].value;
  r.version = cells_[key].version;
  return r;
}

raft::snapshot_point replicated_state::point() const {
  return {.index = applied_, .term = applied_term_, .peers = *peers_};
}

std::uint64_t replicated_state::hash() const {
  std::uint64_t h = applied_.value() ^ (applied_term_.value() << 40U);
  for (const auto& c : cells_) {
    h = (h ^ c.value ^ (c.version << 32U)) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 31U;
  }
  for (const auto& s : sessions_.all()) {
    h = (h ^ s.sequence ^ (s.answer.version << 32U) ^ s.answer.value) * 0xbf58476d1ce4e5b9ULL;
    h ^= h >> 29U;
  }
  return h ^ peers_hash_;
}

// ---- snapshots ------------------------------------------------------------------------------

std::string replicated_state::exported() const {
  std::string text;
  put_raw(text, cells_);
  put_raw(text, sessions_);
  put_raw(text, peers_from_);
  return text;
}

replicated_state replicated_state::imported(std::string_view text,
                                            const raft::snapshot_point& point) {
  replicated_state s(point);
  take_raw(text, s.cells_);
  take_raw(text, s.sessions_);
  take_raw(text, s.peers_from_);
  s.peers_hash_ = s.peers_from_ == 0 ? 0 : mix(hash_of(*s.peers_) ^ s.peers_from_);
  return s;
}

}  // namespace troupe::simulation

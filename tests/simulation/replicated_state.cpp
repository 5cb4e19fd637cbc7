#include "tests/simulation/replicated_state.hpp"

#include <cstring>
#include <functional>
#include <optional>
#include <type_traits>

#include "persistence/sessions.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/violation.hpp"

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

std::uint64_t hash_of(std::string_view key, std::string_view value) {
  const std::hash<std::string_view> hash;
  return mix(hash(key) ^ mix(hash(value)));
}

void put_text(std::string& to, std::string_view text) {
  put_raw(to, text.size());
  to.append(text);
}

std::string_view take_text(std::string_view& from) {
  std::size_t size = 0;
  take_raw(from, size);
  const auto text = from.substr(0, size);
  from.remove_prefix(size);
  return text;
}

std::string text_of(std::uint64_t value) {
  std::string text;
  put_raw(text, value);
  return text;
}

reply reply_of(const persistence::session_answer& a) {
  using outcome = persistence::session_answer::outcome;
  require(a.how != outcome::expired, "a session that is used does not expire");
  require(a.how != outcome::limited && a.how != outcome::not_kept, "a session keeps its answers");
  reply r;
  r.version = a.index.value();
  r.is_refused = a.how == outcome::refused;
  r.is_stale = a.how == outcome::too_late;
  if (a.how == outcome::applied) {
    std::string_view text = a.text;
    take_raw(text, r.value);
  }
  return r;
}

/// Writes through: nothing here is ever undone.
class session_batch final : public persistence::state_batch {
 public:
  explicit session_batch(session_records& records) : records_(records) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    const auto at = records_.keys.find(key);
    return at == records_.keys.end() ? std::nullopt : std::optional(at->second);
  }
  void scan(std::string_view prefix, std::string_view from,
            const persistence::key_visitor& visit) const override {
    // On a copy: the visitor may write here while it scans.
    persistence::scan_keys(persistence::memory_keys(records_.keys), prefix, from, visit);
  }
  void put(std::string_view key, std::string_view value) override {
    auto at = records_.keys.find(key);
    if (at == records_.keys.end()) {
      at = records_.keys.emplace(key, std::string()).first;
    } else {
      records_.hash ^= hash_of(key, at->second);
    }
    at->second = value;
    records_.hash ^= hash_of(key, value);
  }
  void erase(std::string_view key) override {
    const auto at = records_.keys.find(key);
    if (at != records_.keys.end()) {
      records_.hash ^= hash_of(key, at->second);
      records_.keys.erase(at);
    }
  }

 private:
  session_records& records_;
};

}  // namespace

// ---- state ----------------------------------------------------------------------------------

replicated_state::replicated_state(raft::snapshot_point begins)
    : applied_(begins.index),
      applied_term_(begins.term),
      peers_(std::make_shared<const raft::configuration>(std::move(begins.peers))) {
  // Every client has registered before the group begins.
  session_batch records(sessions_);
  persistence::sessions all(records);
  for (std::uint32_t client = 0; client < client_count_max; ++client) {
    all.open({}, raft::log_index{session_of(client)}, raft::term{});
  }
}

replicated_state::effect replicated_state::apply(const raft::entry& e) {
  effect done;
  if (e.type == raft::entry_type::configuration) {
    peers_ = std::make_shared<const raft::configuration>(*e.peers);
    peers_from_ = e.index.value();
    peers_hash_ = mix(hash_of(*peers_) ^ peers_from_);
  } else if (e.type == raft::entry_type::session) {
    done = run_in_session(e);
  } else if (e.type == raft::entry_type::data) {
    done = run(command_of(e), e.index);
  }
  applied_ = e.index;
  applied_term_ = e.term;
  return done;
}

replicated_state::effect replicated_state::run_in_session(const raft::entry& e) {
  using outcome = persistence::session_answer::outcome;
  const auto sent = codec::decode_session(e.data);
  session_batch records(sessions_);
  persistence::sessions all(records);
  const auto decided = all.begin(sent->header);
  if (const auto* known = std::get_if<persistence::session_answer>(&decided)) {
    return {.answer = reply_of(*known), .is_repeated = true, .is_command = true};
  }
  const auto done = run(command_of(sent->command.view()), e.index);
  all.remember(sent->header, {done.answer.is_refused ? outcome::refused : outcome::applied,
                              text_of(done.answer.value), e.index, e.term});
  return done;
}

replicated_state::effect replicated_state::run(const command& c, raft::log_index at) {
  effect done;
  done.is_command = true;
  if (c.what == operation::poison) {
    done.answer.is_refused = true;
  } else {
    auto& cell = cells_[c.key];
    cell.value = c.what == operation::put ? c.value : cell.value + c.value;
    cell.version = at.value();
    done.answer.value = cell.value;
  }
  done.answer.version = at.value();
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
  return h ^ sessions_.hash ^ peers_hash_;
}

// ---- snapshots ------------------------------------------------------------------------------

std::string replicated_state::exported() const {
  std::string text;
  put_raw(text, cells_);
  put_raw(text, peers_from_);
  for (const auto& [key, value] : sessions_.keys) {
    put_text(text, key);
    put_text(text, value);
  }
  return text;
}

replicated_state replicated_state::imported(std::string_view text,
                                            const raft::snapshot_point& point) {
  replicated_state s(point);
  take_raw(text, s.cells_);
  take_raw(text, s.peers_from_);
  s.sessions_ = {};
  session_batch records(s.sessions_);
  while (!text.empty()) {
    const auto key = take_text(text);
    records.put(key, take_text(text));
  }
  s.peers_hash_ = s.peers_from_ == 0 ? 0 : mix(hash_of(*s.peers_) ^ s.peers_from_);
  return s;
}

}  // namespace troupe::simulation

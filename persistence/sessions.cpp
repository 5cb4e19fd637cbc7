// sessions: see the header. Records, all numbers in big-endian order; on disk: do not change.
//   "st"                        clock(8) count(8) due(8)
//   "ss" client(8)              ttl(8) used(8) due(8) acked(8) sequence(8)…
//   "sa" client(8) sequence(8)  outcome(1) index(8) term(8) text
//   "se" due(8) client(8)       nothing; when to look whether the session has expired
//
// A command must not cost a scan: a session's place in the order of expiry is moved only when its
// turn comes, and its record lists the answers that are stored. Scans over keys that are erased at
// the front, as an eager order would have them, step over every key that was ever erased.
#include "persistence/sessions.hpp"

#include <algorithm>
#include <utility>

#include "codec/invariant.hpp"
#include "persistence/big_endian.hpp"

namespace troupe::persistence {
namespace {

constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr std::string_view table_key = "st";
/// At one command; more than one a command, so that they never pile up.
constexpr std::size_t expired_at_once = 4;

std::string key_of(std::string_view kind, std::uint64_t first) {
  std::string key(kind);
  append_big_endian(key, first);
  return key;
}

std::string key_of(std::string_view kind, std::uint64_t first, std::uint64_t second) {
  auto key = key_of(kind, first);
  append_big_endian(key, second);
  return key;
}

std::string encode_answer(const session_answer& a) {
  std::string out(1, static_cast<char>(a.how));
  append_big_endian(out, a.index.value());
  append_big_endian(out, a.term.value());
  return out + a.text;
}

session_answer decode_answer(std::string_view record) {
  session_answer a;
  constexpr std::size_t fixed = 1 + 2 * number_bytes;
  if (record.size() < fixed) {
    return {session_answer::outcome::not_kept, "the stored answer is damaged", {}, {}};
  }
  a.how = static_cast<session_answer::outcome>(record[0]);
  a.index = raft::log_index{read_big_endian<std::uint64_t>(record, 1)};
  a.term = raft::term{read_big_endian<std::uint64_t>(record, 1 + number_bytes)};
  a.text = record.substr(fixed);
  return a;
}

session_answer limited(const std::string& what, std::uint64_t found, std::uint64_t max) {
  return {session_answer::outcome::limited,
          what + " " + std::to_string(found) + ", at most " + std::to_string(max),
          {},
          {}};
}

}  // namespace

std::uint64_t sessions::record::expires_ms() const {
  return used_ms + std::min(ttl_ms, UINT64_MAX - used_ms);
}

// ---- records -----------------------------------------------------------------------------------

sessions::table sessions::read_table() const {
  table t;
  const auto stored = records_.get(table_key);
  if (stored && stored->size() == 3 * number_bytes) {
    t.clock_ms = read_big_endian<std::uint64_t>(*stored);
    t.count = read_big_endian<std::uint64_t>(*stored, number_bytes);
    t.due_ms = read_big_endian<std::uint64_t>(*stored, 2 * number_bytes);
  }
  return t;
}

void sessions::put(const table& t) {
  std::string stored;
  for (const auto n : {t.clock_ms, t.count, t.due_ms}) {
    append_big_endian(stored, n);
  }
  records_.put(table_key, stored);
}

std::optional<sessions::record> sessions::find(std::uint64_t client) const {
  const auto stored = records_.get(key_of("ss", client));
  if (!stored || stored->size() < 4 * number_bytes || stored->size() % number_bytes != 0) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t i) {
    return read_big_endian<std::uint64_t>(*stored, i * number_bytes);
  };
  record r{number(0), number(1), number(2), number(3), {}};
  for (std::size_t i = 4; i < stored->size() / number_bytes; ++i) {
    r.sequences.push_back(number(i));
  }
  return r;
}

void sessions::put(std::uint64_t client, const record& r) {
  std::string stored;
  for (const auto n : {r.ttl_ms, r.used_ms, r.due_ms, r.acked}) {
    append_big_endian(stored, n);
  }
  for (const auto sequence : r.sequences) {
    append_big_endian(stored, sequence);
  }
  records_.put(key_of("ss", client), stored);
}

// ---- forgetting --------------------------------------------------------------------------------

void sessions::forget_answers(std::uint64_t client, record& r, std::uint64_t below) {
  std::erase_if(r.sequences, [&](std::uint64_t sequence) {
    if (sequence >= below) {
      return false;
    }
    records_.erase(key_of("sa", client, sequence));
    return true;
  });
  r.acked = std::max(r.acked, below);
}

void sessions::forget_session(std::uint64_t client, const record& r, table& t) {
  for (const auto sequence : r.sequences) {
    records_.erase(key_of("sa", client, sequence));
  }
  records_.erase(key_of("se", r.due_ms, client));
  records_.erase(key_of("ss", client));
  --t.count;
}

void sessions::expire(table& t) {
  if (t.due_ms >= t.clock_ms) {
    return;
  }
  struct place {
    std::uint64_t due_ms;
    std::uint64_t client;
  };
  std::vector<place> due;
  auto next_ms = UINT64_MAX;
  records_.scan("se", key_of("se", t.due_ms), [&](std::string_view key, std::string_view) {
    const place p{read_big_endian<std::uint64_t>(key, 2),
                  read_big_endian<std::uint64_t>(key, 2 + number_bytes)};
    if (p.due_ms >= t.clock_ms || due.size() == expired_at_once) {
      next_ms = p.due_ms;
      return false;
    }
    due.push_back(p);
    return true;
  });
  for (const auto& p : due) {
    auto r = find(p.client);
    records_.erase(key_of("se", p.due_ms, p.client));
    if (r && r->expires_ms() < t.clock_ms) {
      forget_session(p.client, *r, t);
    } else if (r) {
      // It was used since.
      r->due_ms = r->expires_ms();
      records_.put(key_of("se", r->due_ms, p.client), {});
      put(p.client, *r);
      next_ms = std::min(next_ms, r->due_ms);
    }
  }
  t.due_ms = next_ms;
}

// ---- commands ----------------------------------------------------------------------------------

session_answer sessions::open(const codec::session_header& h, raft::log_index index,
                              raft::term term) {
  auto t = read_table();
  t.clock_ms = std::max(t.clock_ms, h.stamp_ms);
  expire(t);
  if (t.count >= limits_.sessions_max) {
    put(t);
    return limited("sessions of the group:", t.count, limits_.sessions_max);
  }
  record fresh;
  fresh.ttl_ms = std::clamp(h.ttl_ms, limits_.ttl_ms_min, limits_.ttl_ms_max);
  fresh.used_ms = t.clock_ms;
  fresh.due_ms = fresh.expires_ms();
  fresh.acked = 1;
  put(index.value(), fresh);
  records_.put(key_of("se", fresh.due_ms, index.value()), {});
  ++t.count;
  t.due_ms = std::min(t.due_ms, fresh.due_ms);
  put(t);
  return {session_answer::outcome::applied, {}, index, term};
}

session_decision sessions::begin(const codec::session_header& h) {
  const auto before = read_table();
  auto t = before;
  t.clock_ms = std::max(t.clock_ms, h.stamp_ms);
  auto decided = decide(h, t);
  if (t != before) {
    put(t);
  }
  return decided;
}

session_decision sessions::decide(const codec::session_header& h, table& t) {
  using outcome = session_answer::outcome;
  // This session first: using it in time keeps it, however many others expire.
  auto r = find(h.client);
  if (r && r->expires_ms() < t.clock_ms) {
    forget_session(h.client, *r, t);
    r.reset();
  }
  if (r) {
    r->used_ms = t.clock_ms;
    forget_answers(h.client, *r, h.acked);
  }
  if (t.due_ms < t.clock_ms) {
    if (r) {
      put(h.client, *r);  // it must not be taken for an idle one
    }
    expire(t);
    r = r ? find(h.client) : r;
  }
  if (!r) {
    return session_answer{outcome::expired,
                          "session " + std::to_string(h.client) + " is not known, or no longer",
                          {},
                          {}};
  }
  const bool is_stored =
      std::find(r->sequences.begin(), r->sequences.end(), h.sequence) != r->sequences.end();
  if (!is_stored && h.sequence >= r->acked && r->sequences.size() < limits_.unacknowledged_max) {
    applying_ = std::pair(h.client, *std::move(r));
    return apply_command{};
  }
  put(h.client, *r);
  if (is_stored) {
    return decode_answer(records_.get(key_of("sa", h.client, h.sequence)).value_or(""));
  }
  if (h.sequence < r->acked) {
    return session_answer{outcome::too_late,
                          "sequence " + std::to_string(h.sequence) + " was acknowledged before",
                          {},
                          {}};
  }
  return limited("unacknowledged answers of the session:", r->sequences.size(),
                 limits_.unacknowledged_max);
}

void sessions::remember(const codec::session_header& h, const session_answer& answer) {
  if (!applying_ || applying_->first != h.client) {
    codec::broken_invariant("an answer to a command that was not to be applied");
  }
  auto& r = applying_->second;
  auto kept = answer;
  const bool is_too_long = kept.text.size() > limits_.answer_bytes_max;
  if (is_too_long && answer.how == session_answer::outcome::refused) {
    kept.text.resize(limits_.answer_bytes_max);  // the beginning of a reason is a reason
  } else if (is_too_long) {
    kept.how = session_answer::outcome::not_kept;
    kept.text = "the command was applied; its answer of " + std::to_string(answer.text.size()) +
                " bytes is not kept for a second time, at most " +
                std::to_string(limits_.answer_bytes_max);
  }
  records_.put(key_of("sa", h.client, h.sequence), encode_answer(kept));
  r.sequences.push_back(h.sequence);
  put(h.client, r);
  applying_.reset();
}

}  // namespace troupe::persistence

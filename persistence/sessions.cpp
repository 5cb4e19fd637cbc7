// Records, all numbers in big-endian order; on disk: do not change.
//   "sc"                        the log's clock, in ms
//   "sn"                        how many sessions there are
//   "ss" client(8)              ttl(8) used(8) acked(8) answers(8)
//   "sa" client(8) sequence(8)  outcome(1) index(8) term(8) text
//   "se" when(8) client(8)      nothing; when the session expires unless it is used
#include "persistence/sessions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "persistence/big_endian.hpp"

namespace troupe::persistence {
namespace {

constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr std::string_view clock_key = "sc";
constexpr std::string_view count_key = "sn";
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
    return {session_answer::outcome::refused, "the stored answer is damaged", {}, {}};
  }
  a.how = static_cast<session_answer::outcome>(record[0]);
  a.index = raft::log_index{read_big_endian<std::uint64_t>(record, 1)};
  a.term = raft::term{read_big_endian<std::uint64_t>(record, 1 + number_bytes)};
  a.text = record.substr(fixed);
  return a;
}

session_answer refused(std::string why) {
  return {session_answer::outcome::refused, std::move(why), {}, {}};
}

}  // namespace

// ---- records -----------------------------------------------------------------------------------

std::uint64_t sessions::number_at(std::string_view key) const {
  const auto stored = records_.get(key);
  return stored && stored->size() == number_bytes ? read_big_endian<std::uint64_t>(*stored) : 0;
}

void sessions::put_number(std::string_view key, std::uint64_t value) {
  std::string stored;
  append_big_endian(stored, value);
  records_.put(key, stored);
}

std::optional<sessions::record> sessions::find(std::uint64_t client) const {
  const auto stored = records_.get(key_of("ss", client));
  if (!stored || stored->size() != 4 * number_bytes) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t i) {
    return read_big_endian<std::uint64_t>(*stored, i * number_bytes);
  };
  return record{number(0), number(1), number(2), number(3)};
}

void sessions::put(std::uint64_t client, const record& r) {
  std::string stored;
  for (const auto n : {r.ttl_ms, r.used_ms, r.acked, r.answers}) {
    append_big_endian(stored, n);
  }
  records_.put(key_of("ss", client), stored);
}

// ---- time --------------------------------------------------------------------------------------

std::uint64_t sessions::advance_clock(std::uint64_t stamp_ms) {
  const auto before = number_at(clock_key);
  if (stamp_ms > before) {
    put_number(clock_key, stamp_ms);
  }
  return std::max(before, stamp_ms);
}

void sessions::touch(std::uint64_t client, record& r, std::uint64_t now_ms) {
  if (r.used_ms != now_ms) {
    records_.erase(key_of("se", r.used_ms + r.ttl_ms, client));
    records_.put(key_of("se", now_ms + r.ttl_ms, client), {});
    r.used_ms = now_ms;
  }
}

void sessions::forget_session(std::uint64_t client, const record& r) {
  std::vector<std::string> answers;
  records_.scan(key_of("sa", client), {}, [&](std::string_view key, std::string_view) {
    answers.emplace_back(key);
    return true;
  });
  for (const auto& key : answers) {
    records_.erase(key);
  }
  records_.erase(key_of("se", r.used_ms + r.ttl_ms, client));
  records_.erase(key_of("ss", client));
  put_number(count_key, number_at(count_key) - 1);
}

void sessions::expire(std::uint64_t now_ms) {
  std::vector<std::uint64_t> over;
  records_.scan("se", {}, [&](std::string_view key, std::string_view) {
    const bool is_over = read_big_endian<std::uint64_t>(key, 2) < now_ms;
    if (is_over) {
      over.push_back(read_big_endian<std::uint64_t>(key, 2 + number_bytes));
    }
    return is_over && over.size() < expired_at_once;
  });
  for (const auto client : over) {
    if (const auto r = find(client)) {
      forget_session(client, *r);
    }
  }
}

// ---- commands ----------------------------------------------------------------------------------

session_answer sessions::open(const codec::session_header& h, raft::log_index index,
                              raft::term term) {
  const auto now = advance_clock(h.stamp_ms);
  expire(now);
  const auto count = number_at(count_key);
  if (count >= limits_.sessions_max) {
    return refused("the group has " + std::to_string(count) + " sessions, at most " +
                   std::to_string(limits_.sessions_max));
  }
  record fresh;
  fresh.ttl_ms = std::clamp(h.ttl_ms, limits_.ttl_ms_min, limits_.ttl_ms_max);
  fresh.used_ms = now;
  fresh.acked = 1;
  put(index.value(), fresh);
  records_.put(key_of("se", now + fresh.ttl_ms, index.value()), {});
  put_number(count_key, count + 1);
  return {session_answer::outcome::applied, {}, index, term};
}

void sessions::forget_answers(std::uint64_t client, record& r, std::uint64_t below) {
  if (below <= r.acked) {
    return;
  }
  r.acked = below;
  std::vector<std::string> over;
  if (r.answers > 0) {
    records_.scan(key_of("sa", client), {}, [&](std::string_view key, std::string_view) {
      const bool is_over = read_big_endian<std::uint64_t>(key, 2 + number_bytes) < below;
      if (is_over) {
        over.emplace_back(key);
      }
      return is_over;
    });
  }
  for (const auto& key : over) {
    records_.erase(key);
  }
  r.answers -= over.size();
}

session_decision sessions::begin(const codec::session_header& h) {
  const auto now = advance_clock(h.stamp_ms);
  // This session first: using it in time keeps it, however many others expire.
  auto r = find(h.client);
  if (r && now - r->used_ms > r->ttl_ms) {
    forget_session(h.client, *r);
    r.reset();
  }
  expire(now);
  if (!r) {
    return session_answer{session_answer::outcome::expired,
                          "session " + std::to_string(h.client) + " is not known, or no longer",
                          {},
                          {}};
  }
  touch(h.client, *r, now);
  forget_answers(h.client, *r, h.acked);
  put(h.client, *r);
  if (const auto stored = records_.get(key_of("sa", h.client, h.sequence))) {
    return decode_answer(*stored);
  }
  if (h.sequence < r->acked) {
    return session_answer{session_answer::outcome::too_late,
                          "sequence " + std::to_string(h.sequence) + " was acknowledged before",
                          {},
                          {}};
  }
  if (r->answers >= limits_.unacknowledged_max) {
    return refused("the session has " + std::to_string(r->answers) +
                   " unacknowledged answers, at most " +
                   std::to_string(limits_.unacknowledged_max));
  }
  return apply_command{};
}

void sessions::remember(const codec::session_header& h, const session_answer& answer) {
  auto r = find(h.client);
  if (!r) {
    return;
  }
  auto kept = answer;
  if (kept.text.size() > limits_.answer_bytes_max) {
    kept.how = session_answer::outcome::refused;
    kept.text = "the command was applied; its answer of " + std::to_string(answer.text.size()) +
                " bytes is not kept for a second time";
  }
  records_.put(key_of("sa", h.client, h.sequence), encode_answer(kept));
  ++r->answers;
  put(h.client, *r);
}

}  // namespace troupe::persistence

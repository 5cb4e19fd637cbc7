#include "raft/log.hpp"

#include <catch2/catch.hpp>

#include "host.hpp"

namespace troupe::raft::testing {

namespace {

constexpr std::uint64_t entry_bytes = 40;  // eight of data

log log_from(const disk& d, log_limits limits = {1U << 20U, 1U << 20U, 1U << 20U}) {
  return {d.restore(), limits};
}

log empty_log(log_limits limits = {1U << 20U, 1U << 20U, 1U << 20U}) {
  return log_from(disk_of({1}), limits);
}

void append(log& l, std::uint64_t count, std::uint64_t t) {
  for (; count > 0; --count) {
    l.append(make_entry(l.last().value() + 1, t, "12345678"));
  }
}

write_sequence written(log& l, std::uint64_t sequence) {
  l.start_write(write_sequence{sequence});
  return write_sequence{sequence};
}

std::vector<std::uint64_t> indexes(const entries& all) {
  std::vector<std::uint64_t> found;
  for (const auto& e : all) {
    found.push_back(e->index.value());
  }
  return found;
}

}  // namespace

TEST_CASE("each entry is written once, and again after a truncation") {
  log l = empty_log();
  append(l, 3, 1);
  CHECK(indexes(l.start_write(write_sequence{1})) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(!l.has_unwritten());
  CHECK(l.start_write(write_sequence{2}).empty());
  l.truncate_from(log_index{3});
  append(l, 2, 2);
  CHECK(indexes(l.start_write(write_sequence{3})) == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("truncation rolls the stable index back") {
  log l = empty_log();
  append(l, 5, 1);
  l.finish_writes(written(l, 1));
  CHECK(l.stable() == log_index{5});
  l.truncate_from(log_index{3});
  CHECK(l.stable() == log_index{2});
}

TEST_CASE("a late notice does not vouch for entries that replaced those of its write") {
  log l = empty_log();
  append(l, 5, 1);
  written(l, 1);
  l.truncate_from(log_index{3});
  append(l, 3, 2);
  written(l, 2);
  l.finish_writes(write_sequence{1});
  CHECK(l.stable() == log_index{2});
  l.finish_writes(write_sequence{2});
  CHECK(l.stable() == log_index{5});
}

TEST_CASE("an entry that is truncated and appended again waits for its second write") {
  // The same entry, index and term: only the sequence tells the writes apart.
  log l = empty_log();
  append(l, 3, 1);
  written(l, 1);
  l.truncate_from(log_index{2});
  append(l, 1, 3);
  written(l, 2);
  l.truncate_from(log_index{2});
  append(l, 2, 4);
  written(l, 3);
  l.finish_writes(write_sequence{1});
  CHECK(l.stable() == log_index{1});
  l.finish_writes(write_sequence{2});
  CHECK(l.stable() == log_index{1});
  l.finish_writes(write_sequence{3});
  CHECK(l.stable() == log_index{3});
}

TEST_CASE("notices are cumulative") {
  log l = empty_log();
  append(l, 1, 1);
  written(l, 1);
  append(l, 1, 1);
  written(l, 2);
  l.finish_writes(write_sequence{2});
  CHECK(l.stable() == log_index{2});
}

TEST_CASE("only entries that are committed and durable are handed out, once each") {
  log l = empty_log();
  append(l, 5, 1);
  written(l, 1);
  l.commit_to(log_index{4});
  CHECK(!l.can_hand_out());
  l.finish_writes(write_sequence{1});
  REQUIRE(l.can_hand_out());
  CHECK(indexes(l.hand_out(l.apply_budget())) == std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK(!l.can_hand_out());
  l.commit_to(log_index{5});
  CHECK(indexes(l.hand_out(l.apply_budget())) == std::vector<std::uint64_t>{5});
}

TEST_CASE("entries are handed out within the bytes for one output and for all unapplied") {
  log l = empty_log({1U << 20U, 2 * entry_bytes, 3 * entry_bytes});
  append(l, 9, 1);
  l.finish_writes(written(l, 1));
  l.commit_to(log_index{9});
  CHECK(indexes(l.hand_out(l.apply_budget())) == std::vector<std::uint64_t>{1, 2});
  CHECK(indexes(l.hand_out(l.apply_budget())) == std::vector<std::uint64_t>{3});
  CHECK(!l.can_hand_out());
  l.applied_to(log_index{2});
  CHECK(l.can_hand_out());
  CHECK(indexes(l.hand_out(l.apply_budget())) == std::vector<std::uint64_t>{4, 5});
}

TEST_CASE("an entry larger than every limit is handed out alone") {
  log l = empty_log({1U << 20U, 1, 1});
  append(l, 2, 1);
  l.finish_writes(written(l, 1));
  l.commit_to(log_index{2});
  CHECK(l.hand_out(l.apply_budget()).size() == 1);
  CHECK(!l.can_hand_out());
  l.applied_to(log_index{1});
  CHECK(l.hand_out(l.apply_budget()).size() == 1);
}

TEST_CASE("a slice holds at least one entry and no more than the bytes asked for") {
  log l = empty_log();
  append(l, 5, 1);
  CHECK(indexes(l.slice(log_index{2}, log_index{5}, 1)) == std::vector<std::uint64_t>{2});
  CHECK(indexes(l.slice(log_index{2}, log_index{5}, 3 * entry_bytes - 1)) ==
        std::vector<std::uint64_t>{2, 3});
  CHECK(indexes(l.slice(log_index{2}, log_index{5}, 3 * entry_bytes)) ==
        std::vector<std::uint64_t>{2, 3, 4});
  CHECK(indexes(l.slice(log_index{2}, log_index{4}, 1000)) == std::vector<std::uint64_t>{2, 3, 4});
}

TEST_CASE("entries leave memory only when they are applied and stable, and the cache is full") {
  log l = empty_log({2 * entry_bytes, 1U << 20U, 1U << 20U});
  append(l, 6, 1);
  CHECK(l.cached_from() == log_index{1});
  l.finish_writes(written(l, 1));
  CHECK(l.cached_from() == log_index{1});
  l.commit_to(log_index{3});
  l.hand_out(1000);
  l.applied_to(log_index{3});
  CHECK(l.cached_from() == log_index{4});
  l.commit_to(log_index{6});
  l.hand_out(1000);
  l.applied_to(log_index{6});
  CHECK(l.cached_from() == log_index{5});
  CHECK(l.term_at(log_index{1}) == term{1});
}

TEST_CASE("of what nobody lacks little is kept") {
  log l = empty_log({4 * entry_bytes, 1U << 20U, 1U << 20U, entry_bytes});
  append(l, 6, 1);
  l.finish_writes(written(l, 1));
  l.commit_to(log_index{6});
  l.hand_out(1000);
  l.applied_to(log_index{6});
  CHECK(l.cached_from() == log_index{3});
  l.spare_to(log_index{4});
  CHECK(l.cached_from() == log_index{5});
  l.spare_to(log_index{6});
  CHECK(l.cached_from() == log_index{6});
}

TEST_CASE("what is not applied yet is kept, though nobody else lacks it") {
  log l = empty_log({4 * entry_bytes, 1U << 20U, 1U << 20U, 0});
  append(l, 3, 1);
  l.finish_writes(written(l, 1));
  l.commit_to(log_index{3});
  l.spare_to(log_index::max());
  CHECK(l.cached_from() == log_index{1});
  l.hand_out(1000);
  l.applied_to(log_index{2});
  CHECK(l.cached_from() == log_index{3});
}

TEST_CASE("a processor that is stuck does not keep the whole log in memory") {
  log l = empty_log({2 * entry_bytes, 1U << 20U, 2 * entry_bytes});
  append(l, 9, 1);
  l.finish_writes(written(l, 1));
  l.commit_to(log_index{9});
  append(l, 1, 1);
  l.finish_writes(written(l, 2));
  CHECK(l.cached_bytes() <= 4 * entry_bytes);
  CHECK(!l.is_cached(next(l.applying())));
  CHECK(l.can_hand_out());
}

TEST_CASE("what is not committed stays in memory and is counted") {
  log l = empty_log({entry_bytes, 1U << 20U, 0});
  append(l, 4, 1);
  l.finish_writes(written(l, 1));
  CHECK(l.uncommitted_bytes() == 4 * entry_bytes);
  l.commit_to(log_index{3});
  CHECK(l.uncommitted_bytes() == entry_bytes);
  l.finish_writes(written(l, 2));
  CHECK(l.is_cached(log_index{4}));
  l.truncate_from(log_index{4});
  CHECK(l.uncommitted_bytes() == 0);
  CHECK(l.cached_bytes() == 0);
}

TEST_CASE("a restored log knows all terms and no entries") {
  const log l = log_from(disk_with({1}, {1, 1, 2, 4}, 4));
  CHECK(l.last() == log_index{4});
  CHECK(l.stable() == log_index{4});
  CHECK(l.term_at(log_index{3}) == term{2});
  CHECK(l.cached_from() == log_index{5});
  CHECK(l.uncommitted_bytes() == 0);
  CHECK(!l.has_unwritten());
}

TEST_CASE("a restored log may be truncated behind its memory") {
  log l = log_from(disk_with({1}, {1, 1, 2, 4}, 4));
  l.truncate_from(log_index{3});
  append(l, 2, 5);
  CHECK(l.cached_from() == log_index{3});
  CHECK(indexes(l.start_write(write_sequence{1})) == std::vector<std::uint64_t>{3, 4});
  CHECK(l.stable() == log_index{2});
}

TEST_CASE("a log replaced by a snapshot is stable only once the snapshot is written") {
  log l = empty_log();
  append(l, 5, 1);
  written(l, 1);
  l.replace_by({.index = log_index{9}, .term = term{2}, .peers = {}});
  CHECK(l.last() == log_index{9});
  CHECK(l.term_at(log_index{9}) == term{2});
  CHECK(l.commit() == log_index{9});
  l.finish_writes(write_sequence{1});
  CHECK(l.stable() == log_index{0});
  append(l, 1, 2);
  l.commit_to(log_index{10});
  CHECK(!l.can_hand_out());
  l.finish_writes(written(l, 2));
  CHECK(indexes(l.hand_out(1000)) == std::vector<std::uint64_t>{10});
}

TEST_CASE("compaction keeps the term at its index") {
  log l = empty_log();
  append(l, 5, 3);
  l.finish_writes(written(l, 1));
  l.commit_to(log_index{5});
  l.hand_out(1000);
  l.applied_to(log_index{4});
  l.compact_to(log_index{4});
  CHECK(l.first() == log_index{5});
  CHECK(l.holds(log_index{4}, term{3}));
  CHECK(!l.term_at(log_index{3}));
  CHECK(l.is_cached(log_index{5}));
  CHECK(l.cached_bytes() == entry_bytes);
}

TEST_CASE("what is committed is never truncated, what is not applied never compacted") {
  log l = empty_log();
  append(l, 3, 1);
  l.commit_to(log_index{2});
  CHECK(aborts([&l] { l.truncate_from(log_index{2}); }));
  CHECK(!aborts([&l] { l.truncate_from(log_index{3}); }));
  CHECK(aborts([&l] { l.compact_to(log_index{1}); }));
}

TEST_CASE("entries from disk are believed only where they are this log's") {
  const log l = log_from(disk_with({1}, {1, 1, 2}, 4));
  CHECK(l.confirms({make_entry(2, 1), make_entry(3, 2)}));
  CHECK(!l.confirms({make_entry(2, 1), make_entry(3, 1)}));
  CHECK(!l.confirms({make_entry(1, 1), make_entry(3, 2)}));
  CHECK(!l.confirms({make_entry(3, 2), make_entry(4, 2)}));
}

}  // namespace troupe::raft::testing

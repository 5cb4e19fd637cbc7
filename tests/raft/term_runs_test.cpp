#include "raft/term_runs.hpp"

#include <catch2/catch.hpp>

using namespace troupe::raft;

namespace {

/// Base 4 of term 1; then 5:1 6:1 7:3 8:3 9:3 10:5.
term_runs some() {
  term_runs runs(log_index{4}, term{1});
  runs.extend(log_index{6}, term{1});
  runs.extend(log_index{9}, term{3});
  runs.extend(log_index{10}, term{5});
  return runs;
}

}  // namespace

TEST_CASE("the term of every index from the base on is known") {
  const auto runs = some();
  const std::uint64_t terms[] = {1, 1, 1, 3, 3, 3, 5};
  for (std::uint64_t i = 0; i < 7; ++i) {
    CHECK(runs.at(log_index{4 + i}) == term{terms[i]});
  }
  CHECK(!runs.at(log_index{3}));
  CHECK(!runs.at(log_index{11}));
}

TEST_CASE("truncation forgets a tail and may end inside a run or at the base") {
  auto runs = some();
  runs.truncate_from(log_index{9});
  CHECK(runs.last() == log_index{8});
  CHECK(runs.last_term() == term{3});
  CHECK(!runs.at(log_index{9}));
  runs.extend(log_index{9}, term{4});
  CHECK(runs.at(log_index{9}) == term{4});
  runs.truncate_from(log_index{5});
  CHECK(runs.last() == log_index{4});
  CHECK(runs.last_term() == term{1});
}

TEST_CASE("compaction keeps the term of the new base and of all behind it") {
  for (std::uint64_t base = 4; base <= 10; ++base) {
    auto runs = some();
    const auto whole = some();
    runs.compact_to(log_index{base});
    CHECK(!runs.at(log_index{base - 1}));
    CHECK(runs.base() == log_index{base});
    for (std::uint64_t i = base; i <= 10; ++i) {
      CHECK(runs.at(log_index{i}) == whole.at(log_index{i}));
    }
    runs.extend(log_index{11}, term{5});
    CHECK(runs.at(log_index{11}) == term{5});
    CHECK(runs.at(log_index{10}) == term{5});
  }
}

TEST_CASE("the search for a term that may agree skips whole terms and stops in front of the base") {
  const auto runs = some();
  CHECK(runs.last_not_above(log_index{10}, term{9}) == std::pair{log_index{10}, term{5}});
  CHECK(runs.last_not_above(log_index{10}, term{4}) == std::pair{log_index{9}, term{3}});
  CHECK(runs.last_not_above(log_index{8}, term{3}) == std::pair{log_index{8}, term{3}});
  CHECK(runs.last_not_above(log_index{10}, term{2}) == std::pair{log_index{6}, term{1}});
  CHECK(runs.last_not_above(log_index{4}, term{1}) == std::pair{log_index{4}, term{1}});
  CHECK(runs.last_not_above(log_index{10}, term{0}) == std::pair{log_index{3}, term{0}});
  CHECK(runs.last_not_above(log_index{2}, term{1}) == std::pair{log_index{2}, term{0}});
}

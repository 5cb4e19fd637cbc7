#include "bench/load_options.hpp"

#include <catch2/catch.hpp>

#include "bench/operation.hpp"

using namespace troupe::bench;
using Catch::Matchers::StartsWith;

namespace {
load_options remote() {
  load_options o;
  o.endpoints = {"127.0.0.1:1"};
  return o;
}
}  // namespace

TEST_CASE("one group has the name that was given, several have numbers behind it") {
  load_options o;
  CHECK(group_names(o) == std::vector<std::string>{"kv"});
  o.groups = 3;
  CHECK(group_names(o) == std::vector<std::string>{"kv-0", "kv-1", "kv-2"});
}

TEST_CASE("what a target cannot do is refused with the name of the option") {
  CHECK(complaint("native", remote()).empty());
  CHECK(complaint("http", remote()).empty());
  CHECK(complaint("local", {}).empty());
  CHECK_THAT(complaint("native", {}), StartsWith("--endpoints"));
  CHECK_THAT(complaint("inprocess", remote()), StartsWith("--endpoints"));
  auto o = remote();
  o.groups = 2;
  CHECK_THAT(complaint("http", o), StartsWith("--groups"));
  CHECK(complaint("native", o).empty());
  o = remote();
  o.depth = 2;
  CHECK_THAT(complaint("http", o), StartsWith("--depth"));
  o.depth = 100'000;
  CHECK_THAT(complaint("native", o), StartsWith("--depth"));
  o = remote();
  o.fill = true;
  CHECK_THAT(complaint("http", o), StartsWith("--fill"));
  CHECK(complaint("native", o).empty());
  o.local_reads = true;
  CHECK_THAT(complaint("native", o), StartsWith("--consistency"));
}

TEST_CASE("an overload asks for four times the peak, with more under way but within the limit") {
  auto o = remote();
  o.clients = 100;
  auto more = overload_of("native", o, 5'000);
  CHECK(more.rate == 20'000);
  CHECK(more.clients == 100);
  CHECK(more.depth == 16);
  more = overload_of("http", o, 5'000);
  CHECK(more.clients == 1'600);
  CHECK(more.depth == 1);
  o.depth = 5'000;
  more = overload_of("native", o, 5'000);
  CHECK(more.outstanding_max() == 1'000'000);
  CHECK(complaint("native", more).empty());
}

TEST_CASE("callers visit all groups in turn, each beginning at another") {
  load_options o;
  o.groups = 5;
  std::vector<int> visits(5);
  for (std::uint64_t caller = 1; caller <= 3; ++caller) {
    operation_source source(o, caller);
    CHECK(source.next().group == caller);
    for (int i = 0; i < 9; ++i) ++visits[source.next().group];
    ++visits[caller];
  }
  CHECK(visits == std::vector<int>(5, 6));
}

TEST_CASE("a caller asks for the same in every run") {
  load_options o;
  o.reads = 0.5;
  operation_source one(o, 7);
  operation_source two(o, 7);
  int reads = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto a = one.next();
    const auto b = two.next();
    CHECK((a.is_read == b.is_read && a.key == b.key && a.group == b.group));
    reads += a.is_read ? 1 : 0;
  }
  CHECK(reads > 400);
  CHECK(reads < 600);
}

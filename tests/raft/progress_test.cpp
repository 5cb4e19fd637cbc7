#include "raft/progress.hpp"

#include <catch2/catch.hpp>

using namespace troupe::raft;

namespace {

progress some(std::uint64_t next = 11) {
  return {node_id{2}, log_index{next}, {.requests_max = 2, .bytes_max = 100}};
}

progress replicating(std::uint64_t match = 10) {
  auto p = some();
  p.accepted(log_index{match});
  p.become_replicate();
  return p;
}

}  // namespace

TEST_CASE("a probe with entries is followed by nothing until it is answered") {
  auto p = some();
  CHECK(!p.is_paused());
  p.sent(3, 30);
  CHECK(p.is_paused());
  CHECK(p.next_index() == log_index{11});
  SECTION("acceptance frees it") {
    CHECK(p.accepted(log_index{13}));
    CHECK(!p.is_paused());
    CHECK(p.next_index() == log_index{14});
  }
  SECTION("refusal frees it") {
    CHECK(p.rejected(log_index{10}, log_index{5}));
    CHECK(!p.is_paused());
    CHECK(p.next_index() == log_index{6});
  }
  SECTION("a sign of life frees it") {
    p.resume();
    CHECK(!p.is_paused());
  }
}

TEST_CASE("replication goes on until requests or bytes in flight reach their limit") {
  auto p = replicating();
  p.sent(1, 10);
  CHECK(!p.is_paused());
  SECTION("requests") {
    p.sent(1, 10);
    CHECK(p.is_paused());
    CHECK(p.in_flight().count() == 2);
    CHECK(p.next_index() == log_index{13});
  }
  SECTION("bytes") {
    p.sent(1, 95);
    CHECK(p.is_paused());
  }
  p.accepted(log_index{11});
  p.free_to(log_index{11});
  CHECK(!p.is_paused());
  CHECK(!p.in_flight().is_full());
}

TEST_CASE("an empty append takes no place in flight") {
  auto p = replicating();
  p.sent(0, 0);
  p.sent(0, 0);
  CHECK(p.in_flight().count() == 0);
  CHECK(!p.is_paused());
}

TEST_CASE("a refusal that is older than the match is ignored while replicating") {
  auto p = replicating(10);
  CHECK(!p.rejected(log_index{9}, log_index{5}));
  CHECK(!p.rejected(log_index{10}, log_index{5}));
  CHECK(p.rejected(log_index{11}, log_index{5}));
  p.become_probe();
  CHECK(p.next_index() == log_index{11});
}

TEST_CASE("a refusal of anything but the present probe is ignored") {
  auto p = some(11);
  CHECK(!p.rejected(log_index{8}, log_index{2}));
  CHECK(!p.rejected(log_index{11}, log_index{2}));
  CHECK(p.next_index() == log_index{11});
}

TEST_CASE("a follower that refuses what it acknowledged is not asked again until it shows life") {
  auto p = some(11);
  p.accepted(log_index{10});
  p.sent(1, 10);
  CHECK(!p.rejected(log_index{10}, log_index{2}));
  CHECK(p.is_paused());
  p.resume();
  CHECK(!p.is_paused());
}

TEST_CASE("a hint never moves the next index to the match or below, nor forward") {
  auto p = some(11);
  p.accepted(log_index{4});
  CHECK(p.next_index() == log_index{11});
  CHECK(p.rejected(log_index{10}, log_index{2}));
  CHECK(p.next_index() == log_index{5});
  auto q = some(11);
  CHECK(q.rejected(log_index{10}, log_index{99}));
  CHECK(q.next_index() == log_index{10});
}

TEST_CASE("after a snapshot probing begins behind it, after a failed one behind the match") {
  auto p = some(3);
  p.become_snapshot(log_index{20});
  CHECK(p.is_paused());
  CHECK(p.pending_snapshot() == log_index{20});
  SECTION("sent") {
    p.become_probe();
    CHECK(p.next_index() == log_index{21});
  }
  SECTION("failed") {
    p.become_snapshot(log_index{});
    p.become_probe();
    CHECK(p.next_index() == log_index{1});
  }
}

TEST_CASE("falling back to probing empties the flight window") {
  auto p = replicating();
  p.sent(2, 200);
  CHECK(p.is_paused());
  p.become_probe();
  CHECK(!p.is_paused());
  CHECK(p.in_flight().count() == 0);
  CHECK(p.next_index() == log_index{11});
}

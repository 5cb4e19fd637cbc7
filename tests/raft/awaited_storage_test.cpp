// Who has to hear at once that a write is durable, and who may hear of it with the next input.
#include <catch2/catch.hpp>

#include "host.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

/// Takes all output; what is to be written waits.
void take_all(host& h) {
  while (h.take_one()) {
  }
}

/// Term 1, one entry behind the empty log, of which the leader says that `commit` is committed.
void append_one(host& h, std::uint64_t commit) {
  h->step({node_id{2}, node_id{1}, term{1}, append_of(0, 0, commit, {make_entry(1, 1, "x")})});
  take_all(h);
}

}  // namespace

TEST_CASE("a follower awaits nothing of a write whose entries are not committed") {
  auto h = follower_with(disk_of({1, 2, 3}));
  CHECK_FALSE(h->awaits_storage());
  append_one(h, 0);
  REQUIRE(h.writes.size() == 1);
  CHECK_FALSE(h->awaits_storage());
  REQUIRE(h.write_one());
  CHECK_FALSE(h->has_output());
  CHECK(h.take_sent<append_response>().size() == 1);
}

TEST_CASE("a follower awaits the write of what is committed already: then it is applied") {
  auto h = follower_with(disk_of({1, 2, 3}));
  append_one(h, 1);
  CHECK(h->awaits_storage());
  CHECK(h.committed.empty());
  REQUIRE(h.write_one());
  CHECK_FALSE(h->awaits_storage());
  take_all(h);
  CHECK(h.committed.size() == 1);
}

TEST_CASE("a follower that hears of a commit while it writes awaits the write from then on") {
  auto h = follower_with(disk_of({1, 2, 3}));
  append_one(h, 0);
  REQUIRE_FALSE(h->awaits_storage());
  h->step({node_id{2}, node_id{1}, term{1}, append_of(1, 1, 1)});
  take_all(h);
  CHECK(h->awaits_storage());
}

TEST_CASE("a candidate awaits its own vote, a leader its own log") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h->campaign();
  take_all(h);
  h->step({node_id{2}, node_id{1}, term{1}, vote_response{true, true}});
  take_all(h);
  REQUIRE(h->soft().role == role::candidate);
  CHECK(h->awaits_storage());
  REQUIRE(h.write_one());
  CHECK_FALSE(h->awaits_storage());
  h->step({node_id{2}, node_id{1}, term{1}, granted()});
  take_all(h);
  REQUIRE(h->soft().role == role::leader);
  CHECK(h->awaits_storage());
}

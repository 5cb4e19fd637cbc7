// Raft §5.2: leader election.
#include <catch2/catch.hpp>
#include <set>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

void without_pre_vote(core_options& o) {
  o.pre_vote = false;
}

}  // namespace

TEST_CASE("5.2: a member that hears no leader campaigns and is elected by a majority") {
  for (const std::uint64_t size : {1U, 2U, 3U, 5U}) {
    cluster c(size);
    c.tick(25);
    const auto leader = c.leader();
    REQUIRE(leader != 0);
    for (const auto& [id, h] : c.hosts()) {
      CHECK(h->machine().soft().leader == node_id{leader});
      CHECK(h->machine().commit() == log_index{1});
      CHECK(h->committed.size() == 1);
    }
  }
}

TEST_CASE("5.2: a leader keeps its place as long as its heartbeats arrive") {
  cluster c(3);
  c.elect(2);
  const auto before = c[2]->soft().term;
  c.tick(200);
  CHECK(c.leader() == 2);
  CHECK(c[2]->soft().term == before);
}

TEST_CASE("5.2: a leader sends a heartbeat to all at each interval") {
  auto h = leader_with(disk_of({1, 2, 3}), [](auto& o) { o.heartbeat_ticks = 3; });
  for (int n = 1; n <= 9; ++n) {
    h->tick(1);
    h.run();
    CHECK(h.take_sent<heartbeat_request>().size() == (n % 3 == 0 ? 2U : 0U));
  }
}

TEST_CASE("5.2: an election begins with a higher term and a vote for oneself, made durable") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1}, 4), without_pre_vote);
  h->campaign();
  REQUIRE(h.take_one());
  // The requests are promises too: they wait with the vote.
  CHECK(h.outbox.empty());
  REQUIRE(h.write_one());
  CHECK(h.durable.hard == hard_state{term{5}, node_id{1}});
  const auto asked = h.take_sent<vote_request>();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0] == vote_request{false, false, log_index{2}, term{1}});
}

TEST_CASE("5.2: the own vote counts only once it is durable") {
  auto h = follower_with(disk_of({1, 2, 3}), without_pre_vote);
  h->campaign();
  REQUIRE(h.take_one());
  h->step({node_id{2}, node_id{1}, term{1}, granted()});
  CHECK(h->soft().role == role::candidate);
  REQUIRE(h.write_one());
  CHECK(h->soft().role == role::leader);
}

TEST_CASE("5.2: a notice for the vote of an earlier campaign does not count for a later one") {
  auto h = follower_with(disk_of({1}), without_pre_vote);
  h->campaign();
  REQUIRE(h.take_one());
  h->campaign();
  REQUIRE(h.take_one());
  REQUIRE(h.write_one());
  CHECK(h->soft().role == role::candidate);
  REQUIRE(h.write_one());
  CHECK(h->soft() == soft_state{role::leader, term{2}, node_id{1}});
}

TEST_CASE("5.2: an election ends by the votes of the majority") {
  struct outcome {
    std::uint64_t size;
    std::vector<bool> answers;  // of members 2, 3, …
    role ends;
  };
  const std::vector<outcome> outcomes = {
      {1, {}, role::leader},
      {3, {true, true}, role::leader},
      {3, {true}, role::leader},
      {5, {true, true}, role::leader},
      {3, {}, role::candidate},
      {5, {true}, role::candidate},
      {5, {false, false}, role::candidate},
      {3, {false, false}, role::follower},
      {5, {true, false, false, false}, role::follower},
  };
  for (const auto& o : outcomes) {
    std::vector<std::uint64_t> voters;
    for (std::uint64_t id = 1; id <= o.size; ++id) {
      voters.push_back(id);
    }
    auto h = follower_with(disk_of(voters), without_pre_vote);
    h->campaign();
    h.run();
    for (std::size_t i = 0; i < o.answers.size(); ++i) {
      h.receive(i + 2, 1, vote_response{false, o.answers[i]});
    }
    CHECK(h->soft().role == o.ends);
    CHECK(h->soft().term == term{1});
  }
}

TEST_CASE("5.2: a member votes for one candidate a term, first come first served") {
  auto h = follower_with(disk_of({1, 2, 3}));
  const vote_request ask{false, false, log_index{1}, term{1}};
  h.receive(2, 1, ask);
  CHECK(h.take_sent<vote_response>().at(0).granted);
  h.receive(3, 1, ask);
  CHECK(!h.take_sent<vote_response>().at(0).granted);
  h.receive(2, 1, ask);
  CHECK(h.take_sent<vote_response>().at(0).granted);
}

TEST_CASE("5.2: a vote survives a crash, and so does the refusal of another") {
  auto h = follower_with(disk_of({1, 2, 3}));
  const vote_request ask{false, false, log_index{1}, term{1}};
  h->step({node_id{2}, node_id{1}, term{1}, ask});
  REQUIRE(h.take_one());
  SECTION("once it was promised") {
    REQUIRE(h.write_one());
    h.crash();
    h.start();
    h.receive(3, 1, ask);
    CHECK(!h.take_sent<vote_response>().at(0).granted);
  }
  SECTION("and was never promised before it was durable") {
    CHECK(h.outbox.empty());
    h.crash();
    h.start();
    h.receive(3, 1, ask);
    CHECK(h.take_sent<vote_response>().at(0).granted);
  }
}

TEST_CASE("5.2: a candidate follows whoever leads its term") {
  auto h = follower_with(disk_of({1, 2, 3}), without_pre_vote);
  h->campaign();
  h.run();
  REQUIRE(h->soft().role == role::candidate);
  SECTION("append") {
    h.receive(2, 1, append_of(0, 0, 0));
  }
  SECTION("heartbeat") {
    h.receive(2, 1, heartbeat_request{});
  }
  CHECK(h->soft() == soft_state{role::follower, term{1}, node_id{2}});
}

TEST_CASE(
    "5.2: election timeouts are drawn anew from t to below 2t, and members draw differently") {
  std::set<std::uint32_t> drawn;
  std::set<std::uint32_t> firsts;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    auto options = options_of(id);
    options.pre_vote = false;
    host h(options, disk_of({id, id + 1}));
    firsts.insert(h->ticks_until_due());
    for (int n = 0; n < 20; ++n) {
      const auto due = h->ticks_until_due();
      CHECK(due >= 10);
      CHECK(due < 20);
      drawn.insert(due);
      h->tick(due);
      h.run();
      CHECK(h->soft().role == role::candidate);
    }
  }
  CHECK(drawn.size() == 10);
  CHECK(firsts.size() > 4);
}

TEST_CASE("5.2: nothing happens one tick before the member is due") {
  auto h = follower_with(disk_of({1, 2, 3}), without_pre_vote);
  const auto due = h->ticks_until_due();
  h->tick(due - 1);
  CHECK(h->soft().role == role::follower);
  CHECK(h->ticks_until_due() == 1);
  h->tick(1);
  CHECK(h->soft().role == role::candidate);
}

TEST_CASE("5.2: many ticks at once start one election") {
  auto h = follower_with(disk_of({1, 2, 3}), without_pre_vote);
  h->tick(1000);
  CHECK(h->soft().term == term{1});
}

TEST_CASE("5.2: a fixed timeout holds until the role changes") {
  auto h = follower_with(disk_of({1, 2, 3}), without_pre_vote);
  h->fix_election_timeout(13);
  CHECK(h->ticks_until_due() == 13);
  h->tick(13);
  CHECK(h->soft().role == role::candidate);
}

TEST_CASE("5.2: a candidate that cannot win puts off no other election") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 2}, 2), without_pre_vote);
  h->fix_election_timeout(15);
  // Member 2 lacks the newest entry and is always first: its priority is higher.
  for (std::uint64_t term = 3; term <= 4; ++term) {
    h->tick(7);
    h.receive(2, term, vote_request{false, false, log_index{1}, troupe::raft::term{1}});
    CHECK(h->soft().role == role::follower);
  }
  h->tick(1);
  CHECK(h->soft().role == role::candidate);
  CHECK(h->soft().term == term{5});
}

// Each property is broken once, so that it is known to be seen.
#include "tests/raft/invariants/invariants.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

node_view view_of(const host& h) {
  return {h.options.self, h.is_up() ? &h.machine() : nullptr, &h.durable};
}

troupe::raft::write write_of(entries all) {
  troupe::raft::write w;
  w.entries = std::move(all);
  return w;
}

/// Performs it and tells of it, as a host does.
void perform(invariants& truth, host& h, const troupe::raft::write& w) {
  h.durable.perform(w);
  truth.persisted(view_of(h), w);
}

message from_one(std::uint64_t to, std::uint64_t t, message_body body) {
  return {node_id{1}, node_id{to}, term{t}, std::move(body)};
}

}  // namespace

TEST_CASE("invariants: two leaders of one term are seen") {
  auto first = leader_with(disk_of({1, 2}));
  auto second = leader_with(disk_of({1, 2}));
  second.options.self = node_id{2};
  invariants truth;
  truth.started(view_of(first));
  truth.started(view_of(second));
  const std::array all = {view_of(first), view_of(second)};
  truth.observe(view_of(first), all);
  CHECK_THROWS_WITH(truth.observe(view_of(second), all), Catch::Contains("election safety"));
}

TEST_CASE("invariants: an entry with another past or other data is seen") {
  auto a = follower_with(disk_with({1, 2}, {1, 1}, 3));
  auto b = follower_with(disk_with({1, 2}, {1, 2}, 3));
  invariants truth;
  truth.started(view_of(a));
  truth.started(view_of(b));
  perform(truth, a, write_of({make_entry(3, 3, "x")}));
  SECTION("another past") {
    CHECK_THROWS_WITH(perform(truth, b, write_of({make_entry(3, 3, "x")})),
                      Catch::Contains("log matching"));
  }
  SECTION("other data") {
    auto c = follower_with(disk_with({1, 2}, {1, 1}, 3));
    truth.started(view_of(c));
    CHECK_THROWS_WITH(perform(truth, c, write_of({make_entry(3, 3, "y")})),
                      Catch::Contains("log matching"));
  }
}

TEST_CASE("invariants: entries of a term that is not durable are seen") {
  auto h = follower_with(disk_with({1, 2}, {1}, 1));
  invariants truth;
  truth.started(view_of(h));
  CHECK_THROWS_WITH(perform(truth, h, write_of({make_entry(2, 2)})),
                    Catch::Contains("a term is durable before its entries"));
}

TEST_CASE("invariants: a durable term that falls and a vote that is taken back are seen") {
  auto h = follower_with(disk_with({1, 2}, {1}, 2));
  h.durable.hard.vote = node_id{2};
  invariants truth;
  truth.started(view_of(h));
  troupe::raft::write w;
  w.hard = hard_state{term{1}, node_id{2}};
  SECTION("term") {
    CHECK_THROWS_WITH(perform(truth, h, w), Catch::Contains("durable term never falls"));
  }
  SECTION("vote") {
    w.hard = hard_state{term{2}, node_id{1}};
    CHECK_THROWS_WITH(perform(truth, h, w), Catch::Contains("never taken back"));
  }
}

TEST_CASE("invariants: what leaves before it is durable is seen") {
  const auto h = follower_with(disk_with({1, 2}, {1}, 2));
  invariants truth;
  truth.started(view_of(h));
  CHECK_NOTHROW(truth.leaves(view_of(h), from_one(2, 2, accepted_to(1))));
  CHECK_THROWS(truth.leaves(view_of(h), from_one(2, 2, accepted_to(2))));
  CHECK_THROWS(truth.leaves(view_of(h), from_one(2, 2, granted())));
  CHECK_THROWS(truth.leaves(view_of(h), from_one(2, 2, vote_request{})));
  CHECK_THROWS(truth.leaves(view_of(h), from_one(2, 3, append_response{})));
  CHECK_THROWS(truth.leaves(view_of(h), from_one(2, 3, heartbeat_response{})));
  vote_request pre_vote;
  pre_vote.pre_vote = true;
  CHECK_NOTHROW(truth.leaves(view_of(h), from_one(2, 3, pre_vote)));
}

TEST_CASE("invariants: a second vote in one term is seen") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 2));
  h.durable.hard.vote = node_id{2};
  invariants truth;
  truth.started(view_of(h));
  truth.leaves(view_of(h), from_one(2, 2, granted()));
  h.durable.hard.vote = node_id{3};
  CHECK_THROWS_WITH(truth.leaves(view_of(h), from_one(3, 2, granted())),
                    Catch::Contains("one vote a term"));
}

TEST_CASE("invariants: what is applied twice, out of order, uncommitted or different is seen") {
  auto h = follower_with(disk_with({1, 2}, {1, 1}, 1));
  invariants truth;
  truth.started(view_of(h));
  h.receive(2, 1, append_of(2, 1, 2));
  const auto first = h.durable.at(log_index{1});
  CHECK_THROWS_WITH(truth.handed_out(view_of(h), {h.durable.at(log_index{2})}),
                    Catch::Contains("in order"));
  truth.handed_out(view_of(h), {first});
  CHECK_THROWS_WITH(truth.handed_out(view_of(h), {first}), Catch::Contains("once each"));

  auto other = follower_with(disk_with({1, 2}, {1, 1}, 1));
  invariants lonely;
  lonely.started(view_of(other));
  CHECK_THROWS_WITH(lonely.handed_out(view_of(other), {first}), Catch::Contains("committed"));
  CHECK_THROWS_WITH(truth.handed_out(view_of(h), {make_entry(2, 1, "forged")}),
                    Catch::Contains("durable here"));
}

TEST_CASE("invariants: a leader without what was chosen is seen") {
  auto follower = follower_with(disk_with({1, 2}, {1, 1}, 1));
  invariants truth;
  truth.started(view_of(follower));
  const std::array one = {view_of(follower)};
  follower.receive(2, 1, append_of(2, 1, 2));
  truth.observe(view_of(follower), one);
  CHECK(truth.chosen() == log_index{2});

  auto leader = leader_with(disk_with({1, 2}, {1}, 1));
  leader.options.self = node_id{2};
  truth.started(view_of(leader));
  const std::array both = {view_of(follower), view_of(leader)};
  CHECK_THROWS_WITH(truth.observe(view_of(leader), both), Catch::Contains("leader completeness"));
}

TEST_CASE("invariants: a commit that no quorum holds is seen") {
  auto h = leader_with(disk_of({1, 2, 3}));
  invariants truth;
  truth.started(view_of(h));
  const host other({options_of(2)}, disk_of({1, 2, 3}));
  const std::array all = {view_of(h), view_of(other)};
  truth.observe(view_of(h), all);
  // Member 2 lies: its disk holds nothing.
  h.receive(2, 1, accepted_to(1));
  CHECK_THROWS_WITH(truth.observe(view_of(h), all), Catch::Contains("disks of a quorum"));
}

TEST_CASE("invariants: a read that misses what was chosen is seen") {
  auto follower = follower_with(disk_with({1, 2}, {1, 1}, 1));
  invariants truth;
  truth.started(view_of(follower));
  const std::array one = {view_of(follower)};
  follower.receive(2, 1, append_of(2, 1, 2));
  truth.observe(view_of(follower), one);
  truth.read_asked(node_id{1}, read_id{7});
  CHECK_THROWS_WITH(truth.read_ready(node_id{1}, {read_id{7}, log_index{1}}),
                    Catch::Contains("sees what was chosen"));
  CHECK_NOTHROW(truth.read_ready(node_id{1}, {read_id{7}, log_index{2}}));
  CHECK_THROWS_WITH(truth.read_failed(node_id{1}, read_id{7}), Catch::Contains("fails once"));
}

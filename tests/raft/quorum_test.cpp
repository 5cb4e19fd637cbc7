#include "raft/quorum.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "host.hpp"

using namespace troupe::raft;
using testing::ids;

namespace {

log_index agreed_of(const configuration& peers, std::map<std::uint64_t, std::uint64_t> reached) {
  return agreed<log_index>(peers, [&](node_id n) { return log_index{reached[n.value()]}; });
}

vote_result result_of(const configuration& peers, const std::map<std::uint64_t, bool>& said) {
  votes v;
  for (const auto& [id, granted] : said) {
    v.record(node_id{id}, granted);
  }
  return v.result(peers);
}

configuration joint(std::vector<std::uint64_t> incoming, std::vector<std::uint64_t> outgoing) {
  auto peers = make_configuration(ids(incoming));
  peers.outgoing = ids(outgoing);
  return peers;
}

}  // namespace

TEST_CASE("the agreed index is the highest that a majority has reached") {
  CHECK(agreed_of(make_configuration(ids({1})), {{1, 7}}) == log_index{7});
  CHECK(agreed_of(make_configuration(ids({1, 2})), {{1, 7}, {2, 5}}) == log_index{5});
  CHECK(agreed_of(make_configuration(ids({1, 2, 3})), {{1, 7}, {2, 5}, {3, 1}}) == log_index{5});
  CHECK(agreed_of(make_configuration(ids({1, 2, 3, 4})), {{1, 9}, {2, 8}, {3, 2}, {4, 1}}) ==
        log_index{2});
  CHECK(agreed_of(make_configuration(ids({1, 2, 3, 4, 5})), {{1, 9}, {2, 8}, {3, 6}}) ==
        log_index{6});
}

TEST_CASE("the agreed index counts members as a plain count does, for any number of voters") {
  std::uint64_t chance = 1;
  for (std::uint64_t size = 1; size <= 21; ++size) {
    std::vector<std::uint64_t> voters;
    std::map<std::uint64_t, std::uint64_t> reached;
    for (std::uint64_t id = 1; id <= size; ++id) {
      voters.push_back(id);
      chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
      reached[id] = (chance >> 33U) % 10;
    }
    std::uint64_t best = 0;
    for (std::uint64_t index = 0; index < 10; ++index) {
      std::uint64_t count = 0;
      for (const auto& [id, r] : reached) {
        count += r >= index ? 1 : 0;
      }
      best = 2 * count > size ? index : best;
    }
    CHECK(agreed_of(make_configuration(ids(voters)), reached) == log_index{best});
  }
}

TEST_CASE("in the joint phase both majorities must have reached an index") {
  const auto peers = joint({1, 2, 3}, {3, 4, 5});
  CHECK(agreed_of(peers, {{1, 9}, {2, 9}, {3, 9}}) == log_index{0});
  CHECK(agreed_of(peers, {{1, 9}, {2, 9}, {3, 0}, {4, 4}, {5, 3}}) == log_index{3});
  CHECK(agreed_of(peers, {{1, 2}, {2, 9}, {3, 0}, {4, 4}, {5, 4}}) == log_index{2});
}

TEST_CASE("a vote is won, lost or pending by the majority") {
  const auto three = make_configuration(ids({1, 2, 3}));
  CHECK(result_of(three, {}) == vote_result::pending);
  CHECK(result_of(three, {{1, true}}) == vote_result::pending);
  CHECK(result_of(three, {{1, true}, {2, true}}) == vote_result::won);
  CHECK(result_of(three, {{1, true}, {2, false}}) == vote_result::pending);
  CHECK(result_of(three, {{1, true}, {2, false}, {3, false}}) == vote_result::lost);
  // In a group of two or four, half of the votes against decide.
  CHECK(result_of(make_configuration(ids({1, 2})), {{2, false}}) == vote_result::lost);
  CHECK(result_of(make_configuration(ids({1, 2, 3, 4})), {{1, false}, {2, false}}) ==
        vote_result::lost);
}

TEST_CASE("in the joint phase a vote needs both halves, and either half loses it") {
  const auto peers = joint({1, 2, 3}, {3, 4, 5});
  CHECK(result_of(peers, {{1, true}, {2, true}, {3, true}}) == vote_result::pending);
  CHECK(result_of(peers, {{1, true}, {3, true}, {4, true}}) == vote_result::won);
  CHECK(result_of(peers, {{1, true}, {2, true}, {4, false}, {5, false}}) == vote_result::lost);
}

TEST_CASE("only voters count, and only their first answer") {
  const auto three = make_configuration(ids({1, 2, 3}), ids({4}));
  CHECK(result_of(three, {{1, true}, {4, true}, {9, true}}) == vote_result::pending);
  votes v;
  v.record(node_id{1}, false);
  v.record(node_id{1}, true);
  CHECK(v.answer(node_id{1}) == false);
}

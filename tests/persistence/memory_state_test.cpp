// The in-memory state must answer as the durable one does, or tests of processors prove nothing.
#include "persistence/memory_state.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace troupe::persistence {
namespace {

applied_change at(std::uint64_t index) {
  return {raft::log_index{index}, raft::term{1}, {}};
}

std::vector<std::string> keys_of(const state_view& view, std::string_view prefix,
                                 std::string_view from = {}) {
  std::vector<std::string> found;
  view.scan(prefix, from, [&](std::string_view key, std::string_view) {
    found.emplace_back(key);
    return true;
  });
  return found;
}

TEST_CASE("memory: a batch reads its own writes and shows nothing before commit") {
  memory_state state;
  auto batch = state.begin();
  batch->put("a", "1");
  CHECK(batch->get("a") == "1");
  CHECK_FALSE(state.view()->get("a"));
  REQUIRE(batch->commit(at(3)).ok());
  CHECK(state.view()->get("a") == "1");
  CHECK(state.applied() == raft::log_index{3});
}

TEST_CASE("memory: rollback returns to the last savepoint and keeps what came before") {
  memory_state state;
  auto batch = state.begin();
  batch->set_savepoint();
  batch->put("kept", "1");
  batch->set_savepoint();
  batch->put("dropped", "1");
  batch->erase("kept");
  batch->rollback();
  REQUIRE(batch->commit(at(1)).ok());
  CHECK(keys_of(*state.view(), "") == std::vector<std::string>{"kept"});
}

TEST_CASE("memory: scan stays in the prefix and starts at from") {
  memory_state state;
  auto batch = state.begin();
  for (const char* key : {"a", "b1", "b2", "b3", "c"}) {
    batch->put(key, key);
  }
  CHECK(keys_of(*batch, "b") == std::vector<std::string>{"b1", "b2", "b3"});
  CHECK(keys_of(*batch, "b", "b2") == std::vector<std::string>{"b2", "b3"});
  CHECK(keys_of(*batch, "b", "a") == std::vector<std::string>{"b1", "b2", "b3"});
  CHECK(keys_of(*batch, "b", "c").empty());
}

TEST_CASE("memory: a stalled commit writes nothing and succeeds when called again") {
  memory_state state;
  state.stall(1);
  auto batch = state.begin();
  batch->put("a", "1");
  CHECK(batch->commit(at(1)).code() == status_code::stalled);
  CHECK(state.keys().empty());
  CHECK(batch->commit(at(1)).ok());
  CHECK(state.keys().size() == 1);
}

TEST_CASE("memory: a fenced writer and an applied index that does not rise are refused") {
  memory_state state;
  REQUIRE(state.begin()->commit(at(2)).ok());
  CHECK(state.begin()->commit(at(2)).code() == status_code::corrupt);
  state.fence();
  CHECK(state.begin()->commit(at(3)).code() == status_code::fenced);
  CHECK(state.applied() == raft::log_index{2});
}

TEST_CASE("memory: the host's records and the point go with the batch") {
  const auto first = raft::make_configuration({raft::node_id{1}});
  const auto second = raft::make_configuration({raft::node_id{1}, raft::node_id{2}});
  memory_state state(first);
  CHECK(state.point() == applied_state{{}, {}, first});
  auto batch = state.begin();
  batch->own().put("kept", "1");
  batch->set_savepoint();
  batch->put("k", "v");
  batch->own().put("taken back", "1");
  batch->rollback();
  CHECK_FALSE(batch->get("kept"));
  REQUIRE(batch->commit({raft::log_index{4}, raft::term{2}, second}).ok());
  CHECK(state.point() == applied_state{raft::log_index{4}, raft::term{2}, second});
  CHECK(keys_of(*state.own_view(), "") == std::vector<std::string>{"kept"});
  CHECK(state.keys().empty());
  CHECK(state.begin()->commit(at(5)).code() == status_code::corrupt);  // of an older term
}

}  // namespace
}  // namespace troupe::persistence

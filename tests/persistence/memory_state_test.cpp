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

using memory_pairs = std::vector<std::pair<std::string, std::string>>;

memory_pairs pairs_of(const state_view& view, std::string_view prefix, std::string_view from = {}) {
  memory_pairs found;
  view.scan(prefix, from, [&](std::string_view key, std::string_view value) {
    found.emplace_back(key, value);
    return true;
  });
  return found;
}

/// A state that holds these keys, each with itself as its value.
void fill(memory_state& state, const std::vector<std::string>& keys) {
  auto batch = state.begin();
  for (const auto& key : keys) {
    batch->put(key, key);
  }
  REQUIRE(batch->commit(at(1)).ok());
}

void put_one(memory_state& state, std::uint64_t index, std::string_view key,
             std::string_view value) {
  auto batch = state.begin();
  batch->put(key, value);
  REQUIRE(batch->commit(at(index)).ok());
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

// ---- a batch lies over what is committed -------------------------------------------------------

TEST_CASE(
    "memory: a scan merges what the batch wrote with what is committed, in the order of keys") {
  memory_state state;
  fill(state, {"a", "c", "e", "f"});
  auto batch = state.begin();
  batch->put("b", "new");
  batch->put("c", "over");
  batch->put("g", "last");
  CHECK(
      pairs_of(*batch, "") ==
      memory_pairs{{"a", "a"}, {"b", "new"}, {"c", "over"}, {"e", "e"}, {"f", "f"}, {"g", "last"}});
  CHECK(pairs_of(*batch, "", "c") ==
        memory_pairs{{"c", "over"}, {"e", "e"}, {"f", "f"}, {"g", "last"}});
  CHECK(pairs_of(*state.view(), "") ==
        memory_pairs{{"a", "a"}, {"c", "c"}, {"e", "e"}, {"f", "f"}});
}

TEST_CASE("memory: a scan passes over what the batch erased, and shows what it wrote again") {
  memory_state state;
  fill(state, {"a", "b", "c"});
  auto batch = state.begin();
  batch->put("mine", "1");
  batch->erase("mine");
  batch->erase("a");
  batch->erase("b");
  batch->erase("absent");
  CHECK_FALSE(batch->get("b"));
  CHECK(keys_of(*batch, "") == std::vector<std::string>{"c"});
  batch->put("b", "again");
  CHECK(pairs_of(*batch, "") == memory_pairs{{"b", "again"}, {"c", "c"}});
  REQUIRE(batch->commit(at(2)).ok());
  CHECK(state.keys() == memory_keys{{"b", "again"}, {"c", "c"}});
}

TEST_CASE("memory: a visitor erases what it sees, over any number of keys") {
  memory_state state;
  std::vector<std::string> all;
  for (int i = 1000; i < 2000; ++i) {
    all.push_back("k" + std::to_string(i));
  }
  fill(state, all);
  auto batch = state.begin();
  batch->put("k0", "k0");
  batch->put("k9", "k9");
  std::vector<std::string> seen;
  batch->scan("k", "", [&](std::string_view key, std::string_view value) {
    CHECK(key == value);
    seen.emplace_back(key);
    batch->erase(key);
    return true;
  });
  all.insert(all.begin(), "k0");
  all.emplace_back("k9");
  CHECK(seen == all);
  CHECK(keys_of(*batch, "").empty());
  CHECK(state.keys().size() == 1000);
}

TEST_CASE("memory: rollback brings back each key as the savepoint knew it") {
  memory_state state;
  fill(state, {"committed", "erased", "left"});
  auto batch = state.begin();
  batch->put("mine", "1");
  batch->put("committed", "1");
  batch->erase("erased");
  batch->set_savepoint();
  for (const char* key : {"mine", "committed", "erased", "left", "none"}) {
    batch->put(key, "2");
    batch->erase(key);
    batch->put(key, "3");
  }
  batch->erase("mine");
  batch->rollback();
  const memory_pairs marked{{"committed", "1"}, {"left", "left"}, {"mine", "1"}};
  CHECK(pairs_of(*batch, "") == marked);
  batch->erase("left");
  batch->rollback();  // the savepoint still stands
  CHECK(pairs_of(*batch, "") == marked);
  REQUIRE(batch->commit(at(2)).ok());
  CHECK(pairs_of(*state.view(), "") == marked);
}

TEST_CASE("memory: rollback before the first savepoint leaves an empty batch") {
  memory_state state;
  fill(state, {"a"});
  auto batch = state.begin();
  batch->erase("a");
  batch->put("b", "1");
  batch->rollback();
  CHECK(keys_of(*batch, "") == std::vector<std::string>{"a"});
}

TEST_CASE("memory: a batch is spent once it is committed") {
  memory_state state;
  auto batch = state.begin();
  batch->put("a", "1");
  REQUIRE(batch->commit(at(1)).ok());
  REQUIRE(state.begin()->commit(at(2)).ok());
  put_one(state, 3, "a", "2");
  batch->rollback();
  REQUIRE(batch->commit(at(4)).ok());
  CHECK(state.keys() == memory_keys{{"a", "2"}});
}

TEST_CASE("memory: a view stays as it was, whatever is committed while it is held and after") {
  memory_state state;
  fill(state, {"a", "b"});
  const auto first = state.view();
  put_one(state, 3, "b", "2");
  const auto second = state.view();
  const auto beside = state.view();
  auto batch = state.begin();
  batch->erase("a");
  batch->put("c", "3");
  REQUIRE(batch->commit(at(4)).ok());
  put_one(state, 5, "c", "5");
  CHECK(pairs_of(*first, "") == memory_pairs{{"a", "a"}, {"b", "b"}});
  CHECK(pairs_of(*second, "") == memory_pairs{{"a", "a"}, {"b", "2"}});
  CHECK(second->get("a") == "a");
  CHECK_FALSE(beside->get("c"));
  CHECK(pairs_of(*state.view(), "") == memory_pairs{{"b", "2"}, {"c", "5"}});
}

TEST_CASE("memory: keys are copied for a view that is held, and for none that is gone") {
  memory_state state;
  fill(state, {"a", "b"});
  const auto* const where = &state.keys();
  state.view().reset();
  put_one(state, 3, "b", "2");
  CHECK(&state.keys() == where);
  const auto held = state.view();
  put_one(state, 4, "b", "3");
  CHECK(&state.keys() != where);
}

}  // namespace
}  // namespace troupe::persistence

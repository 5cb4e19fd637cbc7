// What processors and their FSM callers rely on. Crashes are in state_faults_test.cpp.
#include "persistence/state_store.hpp"

#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "persistence/state_keys.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
constexpr raft::group_id group{7};
const auto voters = raft::make_configuration({raft::node_id{1}, raft::node_id{2}});

applied_change at(std::uint64_t index) {
  return {raft::log_index{index}, raft::term{1}, {}};
}

struct opened_state {
  scratch_directory directory;
  std::unique_ptr<state_store> store;
  std::shared_ptr<group_state> state;

  opened_state() { reopen(); }
  void reopen() {
    state.reset();
    store.reset();
    auto opened = state_store::open({directory.path() + "/state", 1U << 20U, 1U << 20U, nullptr});
    INFO((opened ? std::string() : opened.error().message()));
    REQUIRE(opened);
    store = *std::move(opened);
    auto taken = store->open_group(group, voters);
    REQUIRE(taken);
    state = *taken;
  }
};

std::vector<std::string> keys_of(const state_view& view, std::string_view prefix,
                                 std::string_view from = {}) {
  std::vector<std::string> found;
  view.scan(prefix, from, [&](std::string_view key, std::string_view) {
    found.emplace_back(key);
    return true;
  });
  REQUIRE(view.read_status().ok());
  return found;
}

using keys = std::vector<std::string>;

TEST_CASE("state: data and applied index come back after a restart") {
  opened_state s;
  CHECK(s.state->applied() == log_index{});
  auto batch = s.state->begin();
  batch->put("a", "1");
  REQUIRE(batch->commit(at(4)).ok());
  batch.reset();
  REQUIRE(s.store->flush().ok());
  s.reopen();
  CHECK(s.state->applied() == log_index{4});
  CHECK(s.state->view()->get("a") == "1");
}

TEST_CASE("state: a batch reads its own writes and shows nothing before commit") {
  opened_state s;
  auto first = s.state->begin();
  first->put("a", "old");
  first->put("b", "old");
  REQUIRE(first->commit(at(1)).ok());
  auto batch = s.state->begin();
  batch->put("a", "new");
  batch->erase("b");
  batch->put("c", "new");
  CHECK(batch->get("a") == "new");
  CHECK_FALSE(batch->get("b"));
  CHECK(keys_of(*batch, "") == keys{"a", "c"});
  CHECK(keys_of(*s.state->view(), "") == keys{"a", "b"});
  const auto before = s.state->view();
  REQUIRE(batch->commit(at(2)).ok());
  CHECK(before->get("a") == "old");
  CHECK(keys_of(*s.state->view(), "") == keys{"a", "c"});
}

TEST_CASE("state: rollback takes back the last entry only, again and again") {
  opened_state s;
  auto batch = s.state->begin();
  batch->set_savepoint();
  batch->put("one", "1");
  batch->set_savepoint();
  batch->put("one", "spoilt");
  batch->put("two", "spoilt");
  batch->rollback();
  CHECK(batch->get("one") == "1");
  batch->put("two", "spoilt again");
  batch->rollback();
  batch->set_savepoint();
  batch->erase("one");
  batch->put("three", "3");
  REQUIRE(batch->commit(at(3)).ok());
  CHECK(keys_of(*s.state->view(), "") == keys{"three"});
}

TEST_CASE("state: a rollback before any savepoint empties the batch") {
  opened_state s;
  auto batch = s.state->begin();
  batch->put("a", "1");
  batch->rollback();
  REQUIRE(batch->commit(at(1)).ok());
  CHECK(keys_of(*s.state->view(), "").empty());
}

TEST_CASE("state: a scan stays in its prefix and its group, also at bytes of 0xff") {
  opened_state s;
  auto neighbour = *s.store->open_group(raft::group_id{8}, voters);
  auto theirs = neighbour->begin();
  theirs->put("", "foreign");
  theirs->put("k", "foreign");
  REQUIRE(theirs->commit(at(1)).ok());
  auto batch = s.state->begin();
  for (const std::string& key : {std::string("k"), std::string("k\xff"), std::string("k\xff\xff"),
                                 std::string("l"), std::string("\xff\xff"), std::string()}) {
    batch->put(key, "mine");
  }
  REQUIRE(batch->commit(at(1)).ok());
  auto writing = s.state->begin();
  writing->put("k\xff!", "mine");
  for (const state_view* view : {static_cast<const state_view*>(s.state->view().release()),
                                 static_cast<const state_view*>(writing.get())}) {
    const bool is_batch = view == writing.get();
    const std::unique_ptr<const state_view> owned(is_batch ? nullptr : view);
    CHECK(keys_of(*view, "k").size() == (is_batch ? 4 : 3));
    CHECK(keys_of(*view, "k\xff").size() == (is_batch ? 3 : 2));
    CHECK(keys_of(*view, "\xff") == keys{"\xff\xff"});
    CHECK(keys_of(*view, "").size() == (is_batch ? 7 : 6));
    CHECK(keys_of(*view, "k", "l").empty());
    CHECK(keys_of(*view, "k", "a").front() == "k");
    CHECK(keys_of(*view, "k", "k!").front().starts_with("k\xff"));
  }
}

TEST_CASE("state: a visitor may erase and add keys while it scans a batch") {
  opened_state s;
  auto fill = s.state->begin();
  for (int i = 1000; i < 2000; ++i) {
    fill->put("k" + std::to_string(i), "v");
  }
  REQUIRE(fill->commit(at(1)).ok());
  auto batch = s.state->begin();
  int visited = 0;
  batch->scan("k", "", [&](std::string_view key, std::string_view) {
    ++visited;
    batch->erase(key);
    batch->put("moved/" + std::string(key), "v");
    return true;
  });
  CHECK(visited == 1000);
  REQUIRE(batch->commit(at(2)).ok());
  CHECK(keys_of(*s.state->view(), "k").empty());
  CHECK(keys_of(*s.state->view(), "moved/").size() == 1000);
}

TEST_CASE("state: a writer opened earlier is fenced, also with a batch under way") {
  opened_state s;
  auto old = s.state->begin();
  old->put("a", "old");
  auto newer = *s.store->open_group(group, voters);
  CHECK(old->commit(at(1)).code() == status_code::fenced);
  CHECK(s.state->begin()->commit(at(1)).code() == status_code::fenced);
  CHECK(newer->applied() == log_index{});
  auto batch = newer->begin();
  batch->put("a", "new");
  CHECK(batch->commit(at(1)).ok());
  CHECK(s.state->view()->get("a") == "new");
}

TEST_CASE("state: the applied index must rise") {
  opened_state s;
  REQUIRE(s.state->begin()->commit(at(5)).ok());
  auto batch = s.state->begin();
  batch->put("a", "replayed twice");
  CHECK(batch->commit(at(5)).code() == status_code::corrupt);
  CHECK(batch->commit(at(4)).code() == status_code::corrupt);
  CHECK(keys_of(*s.state->view(), "").empty());
}

TEST_CASE("state: index, term and configuration come back as they were committed") {
  opened_state s;
  CHECK(s.state->point() == applied_state{{}, {}, voters});
  const auto grown = raft::make_configuration({raft::node_id{1}}, {raft::node_id{3}});
  REQUIRE(s.state->begin()->commit({log_index{4}, raft::term{2}, grown}).ok());
  REQUIRE(s.state->begin()->commit({log_index{6}, raft::term{3}, {}}).ok());
  CHECK(s.state->point() == applied_state{log_index{6}, raft::term{3}, grown});
  s.reopen();
  CHECK(s.state->point() == applied_state{log_index{6}, raft::term{3}, grown});
  CHECK(s.state->begin()->commit({log_index{7}, raft::term{2}, {}}).code() == status_code::corrupt);
}

TEST_CASE("state: the initial configuration is the one that the group began with") {
  opened_state s;
  s.state.reset();
  s.store.reset();
  auto store = *state_store::open({s.directory.path() + "/state", 1U << 20U, 1U << 20U, nullptr});
  const auto later = raft::make_configuration({raft::node_id{9}});
  CHECK((*store->open_group(group, later))->point().peers == voters);
}

TEST_CASE("state: the host's records ride in the batch, unseen by the processor") {
  opened_state s;
  auto batch = s.state->begin();
  batch->own().put("session", "1");
  batch->set_savepoint();
  batch->put("k", "refused");
  batch->own().erase("session");
  batch->rollback();
  batch->own().put("reply", "refused");
  CHECK(keys_of(*batch, "").empty());
  CHECK(keys_of(batch->own(), "") == keys{"reply", "session"});
  REQUIRE(batch->commit(at(1)).ok());
  CHECK(keys_of(*s.state->view(), "").empty());
  CHECK(keys_of(*s.state->own_view(), "") == keys{"reply", "session"});
  batch.reset();
  s.reopen();
  CHECK(s.state->own_view()->get("reply") == "refused");
}

TEST_CASE("state: a group whose records are damaged is refused, and the text says which") {
  const auto space = GENERATE(state_space::applied, state_space::configuration);
  opened_state s;
  REQUIRE(s.state->begin()->commit(at(3)).ok());
  const auto key = state_key({group, {}}, space);
  const auto path = s.directory.path() + "/state";
  const bool missing = GENERATE(false, true);
  if (missing && space == state_space::applied) {
    return;  // then the group is new
  }
  s.state.reset();
  s.store.reset();
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open({}, path, &raw).ok());
  std::unique_ptr<rocksdb::DB> db(raw);
  REQUIRE((missing ? db->Delete({}, key) : db->Put({}, key, "damaged record")).ok());
  db.reset();
  auto store = *state_store::open({path, 1U << 20U, 1U << 20U, nullptr});
  const auto refused = store->open_group(group, voters);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == status_code::corrupt);
  CHECK(refused.error().message().find("group 7") != std::string::npos);
  CHECK(refused.error().message().find(space == state_space::applied ? "applied" : "config") !=
        std::string::npos);
}

TEST_CASE("state: a view outlives the store that it was made from") {
  opened_state s;
  auto batch = s.state->begin();
  batch->put("a", "1");
  REQUIRE(batch->commit(at(1)).ok());
  const auto view = s.state->view();
  s.state.reset();
  s.store.reset();
  CHECK(view->get("a") == "1");
}

TEST_CASE("state: a directory of another format is refused, and the text names both formats") {
  scratch_directory directory;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(options, directory.path(), &raw).ok());
  std::unique_ptr<rocksdb::DB> db(raw);
  REQUIRE(db->Put({}, std::string(8, '\0') + "v", "troupe state 1").ok());
  db.reset();
  const auto opened = state_store::open({directory.path(), 1U << 20U, 1U << 20U, nullptr});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == status_code::mismatch);
  CHECK(opened.error().message().find("troupe state 1") != std::string::npos);
  CHECK(opened.error().message().find("troupe state 2") != std::string::npos);
}

TEST_CASE("state: a foreign database is not taken for an empty one") {
  scratch_directory directory;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(options, directory.path(), &raw).ok());
  std::unique_ptr<rocksdb::DB> db(raw);
  REQUIRE(db->Put({}, "somebody's", "data").ok());
  db.reset();
  const auto opened = state_store::open({directory.path(), 1U << 20U, 1U << 20U, nullptr});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == status_code::corrupt);
}

}  // namespace
}  // namespace troupe::persistence

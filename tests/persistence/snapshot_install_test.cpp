// A group's state out of one store and into another. Crashes are in snapshot_faults_test.cpp.
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "persistence/durable_file.hpp"
#include "persistence/state_records.hpp"
#include "tests/persistence/snapshot_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::term;

TEST_CASE("install: a snapshot carries data, records, point and configuration to another store") {
  state_fixture from;
  from.apply_up_to(234);
  const auto where = from.fresh_path();
  const auto manifest = from.export_to(where);
  CHECK(manifest.group == state_fixture::group);
  CHECK(manifest.point == state_fixture::point_at(234));
  from.apply_up_to(240);  // what comes later is not in it
  state_fixture to;
  to.apply_up_to(5);
  REQUIRE(to.store->install_snapshot(to.group, where).ok());
  CHECK(to.store->durable_applied(to.group) == log_index{234});
  for (int restart = 0; restart < 2; ++restart) {
    to.take_over();
    CHECK(to.state->point() == state_fixture::point_at(234));
    CHECK(to.hash() == state_fixture::hash_at(234));
    CHECK(to.state->view()->get("sum") == std::to_string(234 * 235 / 2));
    CHECK(to.state->own_view()->get("last") == "234");
    to.reopen();
  }
  to.apply_up_to(240);
  CHECK(to.hash() == from.hash());
  to.close();
  CHECK(to.keys_beside(234) == 0);
}

TEST_CASE("install: a long state is exported as several tables") {
  state_fixture from;
  from.apply_up_to(3);
  auto batch = from.state->begin();
  std::mt19937_64 chance(1);
  for (int i = 0; i < 3000; ++i) {
    std::string value(200, '\0');
    std::generate(value.begin(), value.end(), [&] { return static_cast<char>(chance()); });
    batch->put("many" + std::to_string(i), value);
  }
  REQUIRE(batch->commit({log_index{4}, term{1}, {}}).ok());
  const auto where = from.fresh_path();
  CHECK(from.export_to(where).files.size() > 3);
  state_fixture to;
  REQUIRE(to.store->install_snapshot(to.group, where).ok());
  CHECK(to.hash() == from.hash());
}

TEST_CASE("install: an export beside a writer is one moment of it") {
  state_fixture from;
  from.apply_up_to(1);
  std::atomic<bool> stop{false};
  std::thread writer([&, state = from.state] {
    for (std::uint64_t i = 2; !stop; ++i) {
      static_cast<void>(state_fixture::apply(*state, i));
    }
  });
  std::vector<std::pair<std::string, snapshot_manifest>> exported;
  for (int i = 0; i < 10; ++i) {
    const auto where = from.fresh_path();
    auto manifest = from.store->export_snapshot(from.group, where);
    if (manifest) {
      exported.emplace_back(where, *std::move(manifest));
    }
  }
  stop = true;
  writer.join();
  CHECK(exported.size() == 10);
  for (const auto& [where, manifest] : exported) {
    state_fixture to;
    REQUIRE(to.store->install_snapshot(to.group, where).ok());
    const auto last = manifest.point.index.value();
    CHECK(manifest.point == state_fixture::point_at(last));
    CHECK(to.hash() == state_fixture::hash_at(last));
  }
}

TEST_CASE("install: a group that has applied nothing, and a directory that exists, are refused") {
  state_fixture from;
  const auto nothing = from.store->export_snapshot(from.group, from.fresh_path());
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code() == status_code::absent);
  CHECK_FALSE(from.store->export_snapshot(raft::group_id{99}, from.fresh_path()));
  from.apply_up_to(1);
  const auto where = from.fresh_path();
  std::filesystem::create_directory(where);
  std::ofstream(where + "/precious") << "precious";
  const auto refused = from.store->export_snapshot(from.group, where);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == status_code::mismatch);
  CHECK(*read_file(where + "/precious") == "precious");
}

TEST_CASE("install: writers begun before are fenced, views of before stay what they were") {
  state_fixture from;
  from.apply_up_to(100);
  const auto where = from.fresh_path();
  from.export_to(where);
  state_fixture to;
  to.apply_up_to(42);
  const auto view = to.state->view();
  auto under_way = to.state->begin();
  under_way->put("sum", "spoilt");
  REQUIRE(to.store->install_snapshot(to.group, where).ok());
  CHECK(under_way->commit({log_index{101}, term{99}, {}}).code() == status_code::fenced);
  CHECK(to.state->begin()->commit({log_index{101}, term{99}, {}}).code() == status_code::fenced);
  CHECK(view->get("sum") == std::to_string(42 * 43 / 2));
  std::size_t seen = 0;
  view->scan("", "", [&](std::string_view, std::string_view) { return ++seen > 0; });
  CHECK(seen > 10);
  CHECK(to.state->view()->get("sum") == std::to_string(100 * 101 / 2));
  to.take_over();
  to.apply_up_to(110);
  CHECK(to.hash() == state_fixture::hash_at(110));
}

TEST_CASE("install: one snapshot after the other, each in the place of the last") {
  state_fixture from;
  state_fixture to;
  for (const std::uint64_t last : {10U, 20U, 35U}) {
    from.apply_up_to(last);
    const auto where = from.fresh_path();
    from.export_to(where);
    REQUIRE(to.store->install_snapshot(to.group, where).ok());
    CHECK(to.hash() == from.hash());
  }
  // Also what was installed is exported, under its own generation.
  to.take_over();
  to.apply_up_to(36);
  const auto where = to.fresh_path();
  to.export_to(where);
  state_fixture third;
  REQUIRE(third.store->install_snapshot(third.group, where).ok());
  CHECK(third.hash() == state_fixture::hash_at(36));
  to.close();
  CHECK(to.keys_beside(35) == 0);
}

TEST_CASE("install: a snapshot that is not ahead of the state is refused") {
  state_fixture from;
  from.apply_up_to(20);
  const auto where = from.fresh_path();
  from.export_to(where);
  state_fixture to;
  for (const std::uint64_t applied : {20U, 21U}) {
    to.apply_up_to(applied);
    CHECK(to.store->install_snapshot(to.group, where).code() == status_code::mismatch);
    CHECK(to.hash() == state_fixture::hash_at(applied));
  }
  to.apply_up_to(22);  // nobody was fenced
}

TEST_CASE("install: what is left of an installation that was cut short is removed") {
  state_fixture from;
  from.apply_up_to(30);
  const auto where = from.fresh_path();
  from.export_to(where);
  state_fixture to;
  to.apply_up_to(5);
  to.close();
  const state_generation half{state_fixture::group, log_index{30}};
  const auto leave_half = [&] {
    rocksdb::DB* raw = nullptr;
    REQUIRE(rocksdb::DB::Open({}, to.path(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    REQUIRE(db->Put({}, state_key(half, state_space::data) + "stray", "stray").ok());
  };
  leave_half();
  CHECK(to.keys_beside(0) == 1);
  to.reopen();
  CHECK(to.hash() == state_fixture::hash_at(5));
  REQUIRE(to.store->install_snapshot(to.group, where).ok());
  CHECK(to.hash() == from.hash());
  CHECK_FALSE(to.state->view()->get("stray"));
  to.close();
  CHECK(to.keys_beside(30) == 0);
}

// ---- snapshots that are none -------------------------------------------------------------------

/// Writes the tables anew with other keys, and a manifest that fits them: as somebody would who
/// knows the format.
void forge(const std::string& directory, snapshot_manifest m,
           const std::function<void(rocksdb::SstFileWriter&)>& fill) {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  const auto path = directory + "/1.sst";
  rocksdb::SstFileWriter table{rocksdb::EnvOptions(), rocksdb::Options()};
  REQUIRE(table.Open(path).ok());
  fill(table);
  REQUIRE(table.Finish().ok());
  m.files = {{"1.sst", std::filesystem::file_size(path), *checksum_of_file(path)}};
  REQUIRE(replace_file(manifest_path(directory), encode_manifest(m)).ok());
}

void put_records(rocksdb::SstFileWriter& table, const raft::snapshot_point& point) {
  const state_generation g{state_fixture::group, point.index};
  const auto peers_key = state_key(g, state_space::configuration);
  const auto point_key = state_key(g, state_space::applied);
  REQUIRE(table.Put(peers_key, encode_applied_configuration(peers_key, {{}, point.peers})).ok());
  REQUIRE(table.Put(point_key, encode_applied_point(point_key, {point.index, point.term})).ok());
}

/// A store at entry 5, a neighbour beside it, and a snapshot at entry 30 to be spoilt.
struct target {
  state_fixture from;
  std::string where = from.fresh_path();
  snapshot_manifest good;
  state_fixture to;
  std::shared_ptr<group_state> beside;

  target() {
    from.apply_up_to(30);
    good = from.export_to(where);
    to.apply_up_to(5);
    beside = *to.store->open_group(to.neighbour, voters_of({1}));
    REQUIRE(state_fixture::apply(*beside, 1).ok());
  }
  /// As corrupt, and nothing changed.
  bool refuses(raft::group_id group = state_fixture::group) {
    const auto done = to.store->install_snapshot(group, where);
    CHECK(to.hash() == state_fixture::hash_at(5));
    CHECK(beside->view()->get("sum") == "1");
    return done.code() == status_code::corrupt;
  }
  /// What was refused is in nobody's way.
  void check_honest_one() {
    const auto honest = from.fresh_path();
    from.export_to(honest);
    REQUIRE(to.store->install_snapshot(to.group, honest).ok());
    CHECK(to.hash() == from.hash());
  }
};

TEST_CASE("install: a snapshot that is damaged or foreign is refused and changes nothing") {
  target t;
  SECTION("of another group") {
    CHECK(t.refuses(t.to.neighbour));
  }
  SECTION("a file with a flipped bit") {
    std::fstream file(t.where + "/1.sst", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.put('\x7f');
    file.close();
    CHECK(t.refuses());
  }
  SECTION("a file that is gone") {
    std::filesystem::remove(t.where + "/1.sst");
    CHECK(t.refuses());
  }
  SECTION("a damaged manifest") {
    std::ofstream(manifest_path(t.where), std::ios::app) << "x";
    CHECK(t.refuses());
  }
  SECTION("no manifest") {
    std::filesystem::remove(manifest_path(t.where));
    CHECK_FALSE(t.refuses());
  }
  t.check_honest_one();
}

TEST_CASE("install: a manifest whose files are no tables of a state is refused") {
  target t;
  auto m = t.good;
  SECTION("no tables at all") {
    m.files.clear();
  }
  SECTION("a file that is no table") {
    std::ofstream(t.where + "/1.sst") << std::string(5000, 'x');
    m.files = {{"1.sst", 5000, *checksum_of_file(t.where + "/1.sst")}};
  }
  REQUIRE(replace_file(manifest_path(t.where), encode_manifest(m)).ok());
  CHECK(t.refuses());
  t.check_honest_one();
}

TEST_CASE("install: tables that hold anything but the group's state are refused, change nothing") {
  target t;
  SECTION("a key of another group") {
    forge(t.where, t.good, [&](auto& table) {
      put_records(table, t.good.point);
      REQUIRE(table.Put(state_key({t.to.neighbour, {}}, state_space::data) + "sum", "forged").ok());
    });
  }
  SECTION("the deletion of a range") {
    forge(t.where, t.good, [&](auto& table) {
      put_records(table, t.good.point);
      REQUIRE(
          table.DeleteRange(generation_key(state_fixture::group), std::string(17, '\xff')).ok());
    });
  }
  SECTION("another term than the manifest's") {
    auto other = t.good.point;
    other.term = next(other.term);
    forge(t.where, t.good, [&](auto& table) { put_records(table, other); });
  }
  SECTION("another configuration than the manifest's") {
    auto other = t.good.point;
    other.peers = voters_of({9});
    forge(t.where, t.good, [&](auto& table) { put_records(table, other); });
  }
  SECTION("none of the records that every state has") {
    forge(t.where, t.good, [&](auto& table) {
      const state_generation g{state_fixture::group, t.good.point.index};
      REQUIRE(table.Put(state_key(g, state_space::data) + "sum", "forged").ok());
    });
  }
  CHECK(t.refuses());
  t.check_honest_one();
}

}  // namespace
}  // namespace troupe::persistence

// A snapshot being exported or installed while the disk fails or the power goes: old or new, never
// a mixture, and the next try succeeds.
#include <filesystem>
#include <random>

#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/snapshot_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;

constexpr std::uint64_t old_index = 20;
constexpr std::uint64_t new_index = 120;

/// A store on a disk that can fail, whose state at `old_index` is durable.
struct faulty_store {
  fault_env env;
  state_fixture s{&env};

  faulty_store() {
    s.apply_up_to(old_index);
    REQUIRE(s.store->flush().ok());
    CHECK(s.store->durable_applied(s.group) == log_index{old_index});
  }
  void lose_power(torn_tail tail = {}) {
    env.freeze();
    s.close();
    env.drop_unsynced(tail);
    env.thaw();
    s.reopen();
  }
};

/// The same snapshot for each try: installing uses it up.
struct snapshot_source {
  state_fixture from;
  std::string whole = from.fresh_path();
  snapshot_source() {
    from.apply_up_to(new_index);
    from.export_to(whole);
  }
  std::string copy_into(const state_fixture& to, const std::string& name) const {
    const auto path = to.scratch.path() + "/" + name;
    std::filesystem::copy(whole, path);
    return path;
  }
};

TEST_CASE(
    "snapshot faults: wherever an installation loses power, the old state or the new is left") {
  const snapshot_source source;
  const auto old_hash = state_fixture::hash_at(old_index);
  const auto new_hash = state_fixture::hash_at(new_index);
  int olds = 0;
  int news = 0;
  bool was_cut = true;
  for (std::uint64_t operations = 0; was_cut; ++operations) {
    faulty_store f;
    const auto incoming = source.copy_into(f.s, "incoming");
    f.env.freeze_after(operations);
    const auto done = f.s.store->install_snapshot(f.s.group, incoming);
    was_cut = f.env.frozen();
    INFO("cut after " << operations << " operations: " << done.message());
    f.lose_power();
    const auto applied = f.s.state->applied().value();
    CHECK((applied == new_index || (!done.ok() && applied == old_index)));
    const bool is_new = applied == new_index;
    (is_new ? news : olds) += 1;
    CHECK(f.s.state->point() == state_fixture::point_at(is_new ? new_index : old_index));
    CHECK(f.s.hash() == (is_new ? new_hash : old_hash));
    if (!is_new) {
      const auto again = f.s.store->install_snapshot(f.s.group, source.copy_into(f.s, "again"));
      INFO(again.message());
      REQUIRE(again.ok());
      CHECK(f.s.hash() == new_hash);
      f.s.take_over();
    }
    f.s.apply_up_to(new_index + 3);
    f.s.close();
    CHECK(f.s.keys_beside(new_index) == 0);
  }
  CHECK(olds > 5);
  CHECK(news > 1);
}

TEST_CASE(
    "snapshot faults: a process that ends while it installs leaves the old state or the new") {
  const snapshot_source source;
  const auto old_hash = state_fixture::hash_at(old_index);
  const auto new_hash = state_fixture::hash_at(new_index);
  bool was_cut = true;
  for (std::uint64_t operations = 0; was_cut; operations += 3) {
    faulty_store f;
    f.env.freeze_after(operations);
    const auto done = f.s.store->install_snapshot(f.s.group, source.copy_into(f.s, "incoming"));
    was_cut = f.env.frozen();
    f.s.close();  // what reached the disk stays
    f.env.thaw();
    f.s.reopen();
    const bool is_new = f.s.state->applied() == log_index{new_index};
    CHECK((is_new || !done.ok()));
    CHECK(f.s.hash() == (is_new ? new_hash : old_hash));
  }
}

TEST_CASE("snapshot faults: what was applied behind an installed snapshot is a prefix of itself") {
  std::mt19937_64 chance(3);
  const snapshot_source source;
  for (int round = 0; round < 12; ++round) {
    faulty_store f;
    REQUIRE(f.s.store->install_snapshot(f.s.group, source.copy_into(f.s, "incoming")).ok());
    f.s.take_over();
    f.s.apply_up_to(new_index + 50);
    const auto unsynced = f.env.unsynced_log_bytes();
    f.lose_power({unsynced == 0 ? 0 : chance() % unsynced, 0});
    const auto applied = f.s.state->applied().value();
    INFO("applied " << applied);
    CHECK(applied >= new_index);
    CHECK(f.s.state->point() == state_fixture::point_at(applied));
    CHECK(f.s.hash() == state_fixture::hash_at(applied));
  }
}

TEST_CASE("snapshot faults: an export that fails leaves nothing, and the store goes on") {
  const auto hash = state_fixture::hash_at(old_index);
  bool was_cut = true;
  int failures = 0;
  for (std::uint64_t operations = 0; was_cut; ++operations) {
    faulty_store f;
    const auto where = f.s.fresh_path();
    f.env.freeze_after(operations);
    const auto done = f.s.store->export_snapshot(f.s.group, where);
    was_cut = f.env.frozen();
    f.env.thaw();
    CHECK(done.has_value() == std::filesystem::exists(where));
    CHECK_FALSE(std::filesystem::exists(where + ".tmp"));
    if (!done) {
      ++failures;
      CHECK(done.error().code() == status_code::io_error);
    }
    const auto again = f.s.fresh_path();
    REQUIRE(f.s.store->export_snapshot(f.s.group, again));
    state_fixture to;
    REQUIRE(to.store->install_snapshot(to.group, again).ok());
    CHECK(to.hash() == hash);
    f.s.apply_up_to(old_index + 1);
  }
  CHECK(failures > 1);
}

TEST_CASE("snapshot faults: a full disk refuses an export and an installation, and says so") {
  const snapshot_source source;
  faulty_store f;
  const auto incoming = source.copy_into(f.s, "incoming");
  f.env.set_space_left(1000);
  const auto exported = f.s.store->export_snapshot(f.s.group, f.s.fresh_path());
  REQUIRE_FALSE(exported);
  CHECK(exported.error().code() == status_code::no_space);
  CHECK(f.s.store->install_snapshot(f.s.group, incoming).code() == status_code::no_space);
  CHECK(f.s.hash() == state_fixture::hash_at(old_index));
  f.env.set_space_left(std::nullopt);
  f.lose_power();
  REQUIRE(f.s.store->install_snapshot(f.s.group, source.copy_into(f.s, "again")).ok());
  CHECK(f.s.hash() == state_fixture::hash_at(new_index));
}

}  // namespace
}  // namespace troupe::persistence

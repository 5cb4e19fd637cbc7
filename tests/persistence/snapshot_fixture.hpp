// snapshot_fixture: a state store in a scratch directory that applies a made-up log, so that two of
// them that have applied the same entries hold the same.
#pragma once

#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "persistence/state_keys.hpp"
#include "persistence/state_store.hpp"
#include "tests/persistence/log_fixture.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {

class state_fixture {
 public:
  static constexpr raft::group_id group{7};
  static constexpr raft::group_id neighbour{8};

  explicit state_fixture(rocksdb::Env* env = nullptr) : env_(env) { reopen(); }

  void close() {
    state.reset();
    store.reset();
  }
  void reopen() {
    close();
    auto opened = state_store::open({path(), 256U << 10U, 1U << 20U, env_, 64U << 10U});
    INFO((opened ? std::string() : opened.error().message()));
    REQUIRE(opened);
    store = *std::move(opened);
    take_over();
  }
  void take_over() {
    const auto taken = store->open_group(group, voters_of({1, 2}));
    INFO((taken ? std::string() : taken.error().message()));
    REQUIRE(taken);
    state = *taken;
  }
  [[nodiscard]] std::string path() const { return scratch.path() + "/state"; }
  /// A name for a snapshot that does not exist yet.
  [[nodiscard]] std::string fresh_path() {
    return scratch.path() + "/snapshot" + std::to_string(++snapshots_);
  }

  /// Entry i writes what only i decides; every tenth is a configuration entry of the next term.
  static status apply(group_state& to, std::uint64_t i) {
    auto batch = to.begin();
    batch->put("sum", std::to_string(i * (i + 1) / 2));
    batch->put("key" + std::to_string(i % 50), std::string(i * 37 % 900, 'v') + std::to_string(i));
    if (i % 7 == 0) {
      batch->erase("key" + std::to_string(i / 7 % 50));
    }
    batch->own().put("last", std::to_string(i));
    applied_change at{raft::log_index{i}, term_of(i), {}};
    if (i % 10 == 0) {
      at.peers = peers_at(i);
    }
    // As an FSM caller does it: a batch that the store does not take yet is committed later.
    auto done = batch->commit(at);
    while (done.code() == status_code::stalled) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      done = batch->commit(at);
    }
    return done;
  }
  void apply_up_to(std::uint64_t last) {
    for (auto i = state->applied().value() + 1; i <= last; ++i) {
      const auto done = apply(*state, i);
      INFO(done.message());
      REQUIRE(done.ok());
    }
  }
  static raft::term term_of(std::uint64_t i) { return raft::term{1 + i / 10}; }
  static raft::configuration peers_at(std::uint64_t i) {
    return i < 10 ? voters_of({1, 2}) : voters_of({1, i / 10 + 2});
  }
  static raft::snapshot_point point_at(std::uint64_t i) {
    return {raft::log_index{i}, term_of(i), peers_at(i)};
  }

  snapshot_manifest export_to(const std::string& directory) {
    auto manifest = store->export_snapshot(group, directory);
    INFO((manifest ? std::string() : manifest.error().message()));
    REQUIRE(manifest);
    return *std::move(manifest);
  }
  [[nodiscard]] std::uint64_t hash() const {
    const auto found = store->content_of(group);
    REQUIRE(found);
    return found->hash;
  }
  /// What a store holds that has applied exactly so much.
  static std::uint64_t hash_at(std::uint64_t last) {
    state_fixture fresh;
    fresh.apply_up_to(last);
    return fresh.hash();
  }
  /// Keys of the group in the closed database that belong to other generations than this one.
  [[nodiscard]] std::size_t keys_beside(std::uint64_t generation) const {
    rocksdb::DB* raw = nullptr;
    REQUIRE(rocksdb::DB::OpenForReadOnly({}, path(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    const auto own = generation_prefix({group, raft::log_index{generation}});
    std::size_t count = 0;
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
    for (at->Seek(generation_key(group) + '\0'); at->Valid(); at->Next()) {
      if (!at->key().starts_with(generation_key(group))) {
        break;
      }
      count += at->key().starts_with(own) ? 0 : 1;
    }
    return count;
  }

  scratch_directory scratch;
  std::unique_ptr<state_store> store;
  std::shared_ptr<group_state> state;

 private:
  rocksdb::Env* env_;
  int snapshots_ = 0;
};

}  // namespace troupe::persistence

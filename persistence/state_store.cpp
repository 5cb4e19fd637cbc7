// state_store: see the header. docs/log-format.md describes the keys.
#include "persistence/state_store.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "persistence/rocks_database.hpp"
#include "persistence/rocks_status.hpp"
#include "persistence/state_keys.hpp"
#include "persistence/state_loading.hpp"
#include "persistence/stored_view.hpp"
#include "persistence/stored_write.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

constexpr std::string_view state_version = "troupe state 2";

class stored_group final : public group_state {
 public:
  stored_group(state_database database, std::shared_ptr<group_ownership> owner, std::uint64_t epoch)
      : database_(std::move(database)), owner_(std::move(owner)), epoch_(epoch) {}

  [[nodiscard]] applied_state point() const override {
    const std::lock_guard guard(owner_->mutex);
    return owner_->point;
  }
  [[nodiscard]] raft::log_index applied() const override {
    const std::lock_guard guard(owner_->mutex);
    return owner_->point.index;
  }
  [[nodiscard]] std::unique_ptr<state_write> begin() override {
    return make_stored_write(database_, owner_, epoch_);
  }
  [[nodiscard]] std::unique_ptr<state_view> view() const override {
    return view_of(state_space::data);
  }
  [[nodiscard]] std::unique_ptr<state_view> own_view() const override {
    return view_of(state_space::own);
  }

 private:
  [[nodiscard]] std::unique_ptr<state_view> view_of(state_space space) const {
    auto [moment, generation] = moment_of(database_, *owner_);
    return make_stored_view(std::move(moment), state_key(generation, space));
  }

  state_database database_;
  std::shared_ptr<group_ownership> owner_;
  std::uint64_t epoch_;
};

rocksdb::Options options_for(const state_store_options& wanted) {
  rocksdb::Options options;
  set_common_options(options);
  if (wanted.env != nullptr) {
    options.env = wanted.env;
  }
  // Nobody waits for what RocksDB does in the background, until writers are told to.
  for (const auto pool : {rocksdb::Env::Priority::LOW, rocksdb::Env::Priority::HIGH}) {
    options.env->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow)
        .PermitUncheckedError();
  }
  options.write_buffer_size = wanted.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  // The log is not synced, so after a power loss its end may be missing or torn anywhere. Any
  // prefix is a true state: its applied index says from where to replay.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(wanted.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

class state_store::impl {
 public:
  impl(std::shared_ptr<rocksdb::DB> db, const state_store_options& options)
      : db_(db),
        writer_(std::make_shared<write_back>(
            std::move(db), write_back_options{options.held_bytes_max, options.write_pause_max,
                                              options.write_table_bytes_min})),
        table_bytes_(options.snapshot_table_bytes) {}

  status flush();
  [[nodiscard]] raft::log_index durable_applied(raft::group_id group) const;
  raft::expected<snapshot_manifest, status> export_snapshot(raft::group_id group,
                                                            const std::string& directory);
  status install_snapshot(raft::group_id group, const std::string& directory);
  [[nodiscard]] raft::expected<content, status> content_of(raft::group_id group) const;

  raft::expected<std::shared_ptr<group_state>, status> open_group(
      raft::group_id group, const raft::configuration& initial) {
    const std::lock_guard guard(mutex_);
    auto found = groups_.find(group);
    if (found == groups_.end()) {
      auto loaded = load_ownership(*db_, group, initial);
      if (!loaded) {
        return unexpected(loaded.error());
      }
      found = groups_.emplace(group, *std::move(loaded)).first;
    }
    const auto& owner = found->second;
    const std::lock_guard turn(owner->mutex);
    ++owner->epoch;
    return std::shared_ptr<group_state>(
        std::make_shared<stored_group>(state_database{db_, writer_}, owner, owner->epoch));
  }

 private:
  static status check_ahead(const group_ownership& owner, const raft::snapshot_point& point);
  status switch_to(group_ownership& owner, const raft::snapshot_point& point);
  [[nodiscard]] std::shared_ptr<group_ownership> find(raft::group_id group) const;
  /// The group's current generation, of which RocksDB has all that is committed by now.
  raft::expected<state_generation, status> written_generation(raft::group_id group) const;

  std::shared_ptr<rocksdb::DB> db_;
  std::shared_ptr<write_back> writer_;
  std::uint64_t table_bytes_;
  mutable std::mutex mutex_;
  std::map<raft::group_id, std::shared_ptr<group_ownership>> groups_;
  std::map<raft::group_id, raft::log_index> durable_;
};

std::shared_ptr<group_ownership> state_store::impl::find(raft::group_id group) const {
  const std::lock_guard guard(mutex_);
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : found->second;
}

raft::expected<state_generation, status> state_store::impl::written_generation(
    raft::group_id group) const {
  const auto owner = find(group);
  if (!owner) {
    return unexpected(status(status_code::absent, "group " + to_string(group) + " is not open"));
  }
  if (auto written = writer_->write_all(); !written.ok()) {
    return unexpected(std::move(written));
  }
  return owner->current();
}

status state_store::impl::flush() {
  std::map<raft::group_id, raft::log_index> before;
  {
    const std::lock_guard guard(mutex_);
    for (const auto& [group, owner] : groups_) {
      const std::lock_guard turn(owner->mutex);
      before[group] = owner->point.index;
    }
  }
  auto done = writer_->write_all();
  rocksdb::FlushOptions options;
  options.wait = true;
  if (done.ok()) done = to_status(db_->Flush(options), "flush", db_->GetName());
  if (done.ok()) {
    const std::lock_guard guard(mutex_);
    for (const auto& [group, index] : before) {
      durable_[group] = std::max(durable_[group], index);
    }
  }
  return done;
}

raft::log_index state_store::impl::durable_applied(raft::group_id group) const {
  const std::lock_guard guard(mutex_);
  const auto found = durable_.find(group);
  return found == durable_.end() ? raft::log_index{} : found->second;
}

raft::expected<snapshot_manifest, status> state_store::impl::export_snapshot(
    raft::group_id group, const std::string& directory) {
  const auto written = written_generation(group);
  if (!written) {
    return unexpected(written.error());
  }
  return export_generation(*db_, *written, directory, table_bytes_);
}

status state_store::impl::install_snapshot(raft::group_id group, const std::string& directory) {
  const auto owner = find(group);
  const auto reader = snapshot_reader::open(directory);
  if (!reader) {
    return reader.error();
  }
  const auto& manifest = reader->manifest();
  if (!owner || manifest.group != group) {
    return {status_code::corrupt, directory + " is no snapshot of group " + to_string(group)};
  }
  if (auto fine = reader->verify(); !fine.ok()) {
    return fine;
  }
  const std::lock_guard turn(owner->installing);
  if (auto fits = check_ahead(*owner, manifest.point); !fits.ok()) {
    return fits;
  }
  // Nobody sees the new generation yet: the group, and the store, go on while it is taken in.
  if (auto taken = ingest_generation(*db_, manifest, directory); !taken.ok()) {
    return taken;
  }
  if (auto done = switch_to(*owner, manifest.point); !done.ok()) {
    return done;
  }
  {
    const std::lock_guard guard(mutex_);
    durable_[group] = std::max(durable_[group], manifest.point.index);
  }
  // The snapshot is installed. Nothing of the old generation may be written once it is deleted;
  // what cannot be deleted now is deleted when the group is next opened.
  static_cast<void>(writer_->write_all());
  static_cast<void>(drop_other_generations(*db_, owner->current()));
  return {};
}

status state_store::impl::check_ahead(const group_ownership& owner,
                                      const raft::snapshot_point& point) {
  const std::lock_guard guard(owner.mutex);
  if (point.index > owner.point.index && point.term >= owner.point.term) {
    return {};
  }
  return {status_code::mismatch,
          "the snapshot at index " + to_string(point.index) + " of term " + to_string(point.term) +
              " is not ahead of the state of group " + to_string(owner.group) + " at index " +
              to_string(owner.point.index) + " of term " + to_string(owner.point.term)};
}

status state_store::impl::switch_to(group_ownership& owner, const raft::snapshot_point& point) {
  // Writers may have passed the snapshot meanwhile; from here on they wait.
  const std::lock_guard guard(owner.mutex);
  if (point.index <= owner.point.index) {
    return {status_code::mismatch, "the state of group " + to_string(owner.group) +
                                       " has passed the snapshot at index " +
                                       to_string(point.index)};
  }
  if (auto done = switch_generation(*db_, {owner.group, point.index}); !done.ok()) {
    return done;
  }
  ++owner.epoch;
  owner.point = point;
  owner.generation = point.index;
  // Only now: whoever still reads the old generation finds it whole.
  writer_->drop(*owner.held);
  return {};
}

raft::expected<content, status> state_store::impl::content_of(raft::group_id group) const {
  const auto written = written_generation(group);
  if (!written) {
    return unexpected(written.error());
  }
  return persistence::content_of(*db_, *written);
}

raft::expected<std::unique_ptr<state_store>, status> state_store::open(
    const state_store_options& options) {
  auto db = open_database(options_for(options), options.path, state_version_key(), state_version);
  if (!db) {
    return unexpected(db.error());
  }
  return std::unique_ptr<state_store>(
      new state_store(std::make_shared<impl>(std::move(*db), options)));
}

state_store::state_store(std::shared_ptr<impl> held) : impl_(std::move(held)) {}
state_store::~state_store() = default;

raft::expected<std::shared_ptr<group_state>, status> state_store::open_group(
    raft::group_id group, const raft::configuration& initial) {
  return impl_->open_group(group, initial);
}

status state_store::flush() {
  return impl_->flush();
}

raft::log_index state_store::durable_applied(raft::group_id group) const {
  return impl_->durable_applied(group);
}

raft::expected<snapshot_manifest, status> state_store::export_snapshot(
    raft::group_id group, const std::string& directory) {
  return impl_->export_snapshot(group, directory);
}

status state_store::install_snapshot(raft::group_id group, const std::string& directory) {
  return impl_->install_snapshot(group, directory);
}

raft::expected<content, status> state_store::content_of(raft::group_id group) const {
  return impl_->content_of(group);
}

}  // namespace troupe::persistence

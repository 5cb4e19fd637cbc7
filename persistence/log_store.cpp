// log_store: see the header.
#include "persistence/log_store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "persistence/group_log.hpp"
#include "persistence/log_format.hpp"
#include "persistence/log_loading.hpp"
#include "persistence/log_recovery.hpp"
#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::unexpected;

}  // namespace

class log_store::impl {
 public:
  explicit impl(recovered_log recovered)
      : db_(std::move(recovered.db)),
        acknowledged_(std::move(recovered.acknowledged)),
        last_batch_(recovered.last_batch) {}
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  status append(std::span<const group_write> writes);
  raft::expected<raft::restored_state, status> load(raft::group_id group,
                                                    const raft::configuration& initial);
  raft::expected<raft::entries, status> read(const read_range& range);
  status compact(raft::group_id group, log_index index);
  [[nodiscard]] std::uint64_t bytes(raft::group_id group);

 private:
  /// The changed outlines of one batch; they count only once it is durable.
  using staged_groups = std::map<raft::group_id, group_log>;

  status stage(const group_write& w, staged_groups& staged, rocksdb::WriteBatch& batch);
  status commit(rocksdb::WriteBatch& batch, staged_groups staged);
  status write_synced(rocksdb::WriteBatch& batch);
  raft::expected<const group_log*, status> outline_of(raft::group_id group);
  raft::expected<raft::configuration, status> configuration_at(raft::group_id group,
                                                               const group_log& outline,
                                                               log_index index);

  std::shared_ptr<rocksdb::DB> db_;

  // Guards what follows it; held over a whole write.
  std::mutex write_mutex_;
  std::unique_ptr<acknowledged_batch> acknowledged_;
  std::uint64_t last_batch_;
  status failed_;  ///< once set, nothing is written any more
  std::map<raft::group_id, group_log> outlines_;
  /// Where new groups begin, until their first write takes it along: ten thousand of them do not
  /// start with ten thousand syncs.
  std::map<raft::group_id, raft::snapshot_point> beginnings_;
};

log_store::impl::~impl() {
  if (failed_.ok()) {
    // A failure costs only the exactness of the bound; there is nobody left to tell.
    static_cast<void>(acknowledged_->sync());
  }
}

raft::expected<const group_log*, status> log_store::impl::outline_of(raft::group_id group) {
  const auto found = outlines_.find(group);
  if (found != outlines_.end()) {
    return &found->second;
  }
  auto loaded = load_group(*db_, group);
  if (!loaded) {
    return unexpected(loaded.error());
  }
  return &outlines_.emplace(group, std::move(loaded->outline)).first->second;
}

status log_store::impl::stage(const group_write& w, staged_groups& staged,
                              rocksdb::WriteBatch& batch) {
  auto at = staged.find(w.group);
  if (at == staged.end()) {
    const auto outline = outline_of(w.group);
    if (!outline) {
      return outline.error();
    }
    at = staged.emplace(w.group, **outline).first;
    if (const auto begins = beginnings_.find(w.group); begins != beginnings_.end()) {
      const std::string key = log_key(w.group, log_record::snapshot);
      // Ahead of the write itself, which may put a later point there.
      batch.Put(key, encode_snapshot_point(key, begins->second)).PermitUncheckedError();
    }
  }
  return stage_write(w.group, *w.write, at->second, batch);
}

status log_store::impl::append(std::span<const group_write> writes) {
  const std::lock_guard guard(write_mutex_);
  if (!failed_.ok()) {
    return failed_;
  }
  rocksdb::WriteBatch batch;
  staged_groups staged;
  for (const auto& w : writes) {
    if (!w.write->hard && !w.write->snapshot && w.write->entries.empty()) {
      continue;
    }
    if (auto done = stage(w, staged, batch); !done.ok()) {
      return done;
    }
  }
  return batch.Count() == 0 ? status() : commit(batch, std::move(staged));
}

status log_store::impl::commit(rocksdb::WriteBatch& batch, staged_groups staged) {
  if (auto written = write_synced(batch); !written.ok()) {
    failed_ = written;
    return written;
  }
  for (auto& [group, changed] : staged) {
    outlines_[group] = std::move(changed);
    beginnings_.erase(group);
  }
  return {};
}

status log_store::impl::write_synced(rocksdb::WriteBatch& batch) {
  const std::uint64_t number = last_batch_ + 1;
  const std::string key = log_key(raft::group_id{}, log_record::batch);
  auto outcome = batch.Put(key, encode_batch_number(key, number));
  if (outcome.ok()) {
    rocksdb::WriteOptions options;
    options.sync = true;
    outcome = db_->Write(options, &batch);
  }
  if (!outcome.ok()) {
    return to_status(outcome, "write log in", db_->GetName());
  }
  last_batch_ = number;
  return acknowledged_->raise(number);
}

raft::expected<raft::restored_state, status> log_store::impl::load(
    raft::group_id group, const raft::configuration& initial) {
  const std::lock_guard guard(write_mutex_);
  auto loaded = load_group(*db_, group);
  if (!loaded) {
    return unexpected(loaded.error());
  }
  if (!loaded->known) {
    if (!failed_.ok()) {
      return unexpected(failed_);
    }
    loaded->state.snapshot.peers = initial;
    beginnings_[group] = loaded->state.snapshot;
  }
  outlines_[group] = std::move(loaded->outline);
  return std::move(loaded->state);
}

raft::expected<raft::entries, status> log_store::impl::read(const read_range& range) {
  // Without a lock an entry may be missing because it is just being replaced, forgotten or written.
  // Whether it is damage is judged while no write is under way.
  bool missed = false;
  auto found = read_entries(*db_, range, [&](log_index) {
    missed = true;
    return false;
  });
  if (!missed) {
    return found;
  }
  const std::lock_guard guard(write_mutex_);
  const auto outline = outline_of(range.group);
  if (!outline) {
    return unexpected(outline.error());
  }
  return read_entries(*db_, range, [&](log_index index) {
    return index > (*outline)->snapshot_index && index <= (*outline)->last;
  });
}

raft::expected<raft::configuration, status> log_store::impl::configuration_at(
    raft::group_id group, const group_log& outline, log_index index) {
  const auto behind =
      std::upper_bound(outline.configurations.begin(), outline.configurations.end(), index);
  const bool is_initial = behind == outline.configurations.begin();
  const std::string key = is_initial
                              ? log_key(group, log_record::snapshot)
                              : log_key(group, log_record::configuration, *std::prev(behind));
  std::string record;
  if (const auto found = db_->Get({}, key, &record); !found.ok()) {
    return unexpected(to_status(found, "read a configuration in", db_->GetName()));
  }
  std::optional<raft::configuration> peers;
  if (!is_initial) {
    peers = decode_peers(key, record);
  } else if (auto point = decode_snapshot_point(key, record)) {
    peers = std::move(point->peers);
  }
  if (!peers) {
    return unexpected(status(status_code::corrupt, "log of group " + to_string(group) + " in " +
                                                       db_->GetName() +
                                                       ": a configuration is damaged"));
  }
  return std::move(*peers);
}

std::uint64_t log_store::impl::bytes(raft::group_id group) {
  // What is deleted stays in the files until RocksDB rewrites them; it must not count as a log that
  // is still too long.
  std::string from;
  std::string to;
  {
    const std::lock_guard guard(write_mutex_);
    const auto outline = outline_of(group);
    if (!outline) {
      return 0;
    }
    from = log_key(group, log_record::entry, next((*outline)->snapshot_index));
    to = log_key(group, log_record::entry, next((*outline)->last));
  }
  const rocksdb::Range range(from, to);
  rocksdb::SizeApproximationOptions how;
  how.include_memtables = true;
  std::uint64_t size = 0;
  const auto known = db_->GetApproximateSizes(how, db_->DefaultColumnFamily(), &range, 1, &size);
  return known.ok() ? size : 0;
}

status log_store::impl::compact(raft::group_id group, log_index index) {
  const std::lock_guard guard(write_mutex_);
  if (!failed_.ok()) {
    return failed_;
  }
  const auto outline = outline_of(group);
  if (!outline) {
    return outline.error();
  }
  if (index <= (*outline)->snapshot_index) {
    return {};
  }
  auto peers = configuration_at(group, **outline, index);
  if (!peers) {
    return peers.error();
  }
  const raft::snapshot_point point{index, (*outline)->term_at(index), std::move(*peers)};
  rocksdb::WriteBatch batch;
  staged_groups staged;
  auto& changed = staged.emplace(group, **outline).first->second;
  if (auto done = stage_compaction(group, point, changed, batch); !done.ok()) {
    return done;
  }
  return commit(batch, std::move(staged));
}

raft::expected<std::unique_ptr<log_store>, status> log_store::open(
    const log_store_options& options) {
  auto recovered = recover_log(options);
  if (!recovered) {
    return unexpected(recovered.error());
  }
  return std::unique_ptr<log_store>(new log_store(std::make_unique<impl>(*std::move(recovered))));
}

log_store::log_store(std::unique_ptr<impl> held) : impl_(std::move(held)) {}
log_store::~log_store() = default;

status log_store::append(std::span<const group_write> writes) {
  return impl_->append(writes);
}

raft::expected<raft::restored_state, status> log_store::load(raft::group_id group,
                                                             const raft::configuration& initial) {
  return impl_->load(group, initial);
}

raft::expected<raft::entries, status> log_store::read(raft::group_id group, log_index first,
                                                      log_index last,
                                                      std::uint64_t bytes_max) const {
  return impl_->read({group, first, last, bytes_max});
}

status log_store::compact(raft::group_id group, log_index index) {
  return impl_->compact(group, index);
}

std::uint64_t log_store::bytes(raft::group_id group) const {
  return impl_->bytes(group);
}

}  // namespace troupe::persistence

// log_store: see the header.
#include "persistence/log_store.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "persistence/log_contents.hpp"
#include "persistence/log_reading.hpp"
#include "persistence/log_reclaiming.hpp"
#include "persistence/log_recovery.hpp"
#include "persistence/log_staging.hpp"
#include "persistence/rocks_status.hpp"
#include "persistence/sized_log_files.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::unexpected;

/// What a write copies forward while space is reclaimed: twice what is written itself, since the
/// log's end must not run away from its beginning.
constexpr std::uint64_t slice_factor = 2;
/// So many writes, at the most, for all of a segment.
constexpr std::uint64_t slices_max = 256;
constexpr std::uint64_t slice_bytes_max = 32U << 20U;
/// So many files wait for a compaction to delete them: a large one takes 20 ms, which appends spare
/// themselves as long as somebody compacts.
constexpr std::size_t doomed_max = 4;

bool writes_something(const raft::write& w) {
  return w.hard || w.snapshot || !w.entries.empty();
}

std::uint64_t bytes_of(std::span<const group_write> writes) {
  std::uint64_t bytes = 0;
  for (const auto& w : writes) {
    for (const auto& e : w.write->entries) bytes += e->size_bytes();
  }
  return bytes;
}

}  // namespace

class log_store::impl {
 public:
  impl(rocksdb::Env& env, const log_store_options& options, recovered_log recovered)
      : env_(env),
        directory_(options.path),
        segment_bytes_(std::min(options.segment_bytes, frame_bytes_max)),
        lock_(std::move(recovered.lock)),
        acknowledged_(std::move(recovered.acknowledged)),
        last_batch_(recovered.last_batch),
        writer_(std::move(recovered.writer)),
        next_segment_(recovered.next_segment),
        reclaiming_(options.path, segment_bytes_),
        contents_(std::move(recovered.contents)) {}
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  status append(std::span<const group_write> writes);
  raft::expected<raft::restored_state, status> load(raft::group_id group,
                                                    const raft::configuration& initial);
  raft::expected<raft::entries, status> read(raft::group_id group, log_index first, log_index last,
                                             std::uint64_t bytes_max);
  status compact(raft::group_id group, log_index index);
  [[nodiscard]] std::uint64_t bytes(raft::group_id group);

 private:
  /// The last one who holds a deleted file pays for its deletion.
  using doomed_segments = std::vector<std::pair<segment_number, segment_file>>;

  /// What a read needs to know, taken at one moment.
  struct found_places {
    std::vector<entry_place> places;
    std::map<segment_number, segment_file> files;
  };

  group_log& log_of(raft::group_id group);
  status start_frame(std::uint64_t bytes);
  status commit();
  status write_frame(std::string_view frame, std::uint64_t number);
  status make_room(std::uint64_t bytes, std::uint64_t number);
  status write_compaction(raft::group_id group, log_index index);
  void forget_segments(segment_number first_needed);
  status delete_files(doomed_segments segments);
  found_places find(raft::group_id group, log_index first, log_index last, std::uint64_t bytes_max);

  rocksdb::Env& env_;
  std::string directory_;
  std::uint64_t segment_bytes_;

  // Guards what follows it; held over a whole write.
  std::mutex write_mutex_;
  std::unique_ptr<log_lock> lock_;
  std::unique_ptr<acknowledged_batch> acknowledged_;
  std::uint64_t last_batch_;
  status failed_;  ///< once set, nothing is written any more
  std::optional<segment_writer> writer_;
  segment_number next_segment_;
  log_staging staging_;
  log_reclaiming reclaiming_;
  doomed_segments doomed_;  ///< what a crash leaves of them, the next opening deletes

  /// Held where contents_ is changed, for which write_mutex_ is needed, too, and where it is read
  /// without that one. Never over an operation of the disk.
  std::mutex contents_mutex_;
  log_contents contents_;
};

log_store::impl::~impl() {
  if (failed_.ok()) {
    // A failure costs only the exactness of the bound; there is nobody left to tell.
    static_cast<void>(acknowledged_->sync());
  }
}

// ---- writing ------------------------------------------------------------------------------------

group_log& log_store::impl::log_of(raft::group_id group) {
  const auto found = contents_.groups.find(group);
  if (found != contents_.groups.end()) return found->second;
  const std::lock_guard guard(contents_mutex_);
  return contents_.groups[group];
}

status log_store::impl::append(std::span<const group_write> writes) {
  const std::lock_guard guard(write_mutex_);
  if (!failed_.ok()) return failed_;
  const bool any = std::any_of(writes.begin(), writes.end(),
                               [](const auto& w) { return writes_something(*w.write); });
  if (!any) return {};
  if (auto begun = start_frame(bytes_of(writes)); !begun.ok()) return begun;
  for (const auto& w : writes) {
    if (!writes_something(*w.write)) continue;
    if (auto added = staging_.add(w.group, log_of(w.group), *w.write); !added.ok()) return added;
  }
  if (auto done = commit(); !done.ok()) return done;
  if (doomed_.size() < doomed_max) return {};
  doomed_segments one(std::make_move_iterator(doomed_.begin()),
                      std::make_move_iterator(doomed_.begin() + 1));
  doomed_.erase(doomed_.begin());
  failed_ = delete_files(std::move(one));
  return failed_;
}

status log_store::impl::start_frame(std::uint64_t bytes) {
  staging_.start();
  if (!writer_) return {};
  // Ahead of what is written now, which may replace what is copied.
  const auto slice = std::clamp(slice_factor * bytes, segment_bytes_ / slices_max, slice_bytes_max);
  auto staged = reclaiming_.stage_slice(contents_, writer_->number(), slice, staging_);
  if (!staged.ok()) failed_ = staged;
  return staged;
}

status log_store::impl::commit() {
  const auto needed =
      writer_ ? log_reclaiming::first_needed(contents_, writer_->number()) : segment_number{0};
  if (needed != 0) staging_.add_begin(needed);
  const auto number = last_batch_ + 1;
  failed_ = write_frame(staging_.seal(number), number);
  if (!failed_.ok()) return failed_;
  last_batch_ = number;
  reclaiming_.slice_done();
  {
    const std::lock_guard guard(contents_mutex_);
    staging_.apply(contents_, writer_->number(), writer_->bytes() - staging_.bytes());
    contents_.segments[writer_->number()].bytes = writer_->bytes();
  }
  if (needed != 0) forget_segments(needed);
  return {};
}

status log_store::impl::write_frame(std::string_view frame, std::uint64_t number) {
  if (auto made = make_room(frame.size(), number); !made.ok()) return made;
  if (auto written = writer_->append(frame); !written.ok()) return written;
  if (auto synced = writer_->sync(); !synced.ok()) return synced;
  return acknowledged_->raise(number);
}

status log_store::impl::make_room(std::uint64_t bytes, std::uint64_t number) {
  if (writer_ && writer_->bytes() + bytes <= segment_bytes_) return {};
  auto made = segment_writer::create(env_, directory_, next_segment_, number);
  if (!made) return made.error();
  writer_.reset();
  writer_.emplace(*std::move(made));
  const std::lock_guard guard(contents_mutex_);
  contents_.segments[next_segment_++] = {writer_->file(), writer_->bytes(), 0};
  return {};
}

/// It is durable that they are not needed. Whether their deletion is does not matter.
void log_store::impl::forget_segments(segment_number first_needed) {
  const std::lock_guard guard(contents_mutex_);
  auto& segments = contents_.segments;
  while (segments.begin()->first < first_needed) {
    doomed_.emplace_back(segments.begin()->first, std::move(segments.begin()->second.file));
    segments.erase(segments.begin());
  }
}

status log_store::impl::delete_files(doomed_segments segments) {
  for (const auto& [number, file] : segments) {
    const auto path = segment_path(directory_, number);
    if (const auto deleted = env_.DeleteFile(path); !deleted.ok()) {
      return to_status(deleted, "delete", path);
    }
  }
  return {};
}

status log_store::impl::compact(raft::group_id group, log_index index) {
  doomed_segments doomed;
  {
    const std::lock_guard guard(write_mutex_);
    if (!failed_.ok()) return failed_;
    if (auto done = write_compaction(group, index); !done.ok()) return done;
    doomed.swap(doomed_);
  }
  // Appends need not wait for it.
  auto deleted = delete_files(std::move(doomed));
  if (deleted.ok()) return {};
  const std::lock_guard guard(write_mutex_);
  failed_ = deleted;
  return deleted;
}

status log_store::impl::write_compaction(raft::group_id group, log_index index) {
  auto& log = log_of(group);
  if (index <= log.point.index) return {};
  if (auto begun = start_frame(0); !begun.ok()) return begun;
  const raft::snapshot_point point{index, log.term_at(index), log.configuration_at(index)};
  if (auto added = staging_.add_compaction(group, log, point); !added.ok()) return added;
  if (auto done = commit(); !done.ok()) return done;
  // What was forgotten may have been all that old segments held. The next write may be far away.
  if (log_reclaiming::first_needed(contents_, writer_->number()) == 0) return {};
  staging_.start();
  return commit();
}

// ---- reading ------------------------------------------------------------------------------------

raft::expected<raft::restored_state, status> log_store::impl::load(
    raft::group_id group, const raft::configuration& initial) {
  const std::lock_guard guard(write_mutex_);
  const std::lock_guard contents_guard(contents_mutex_);
  auto found = contents_.groups.find(group);
  const bool is_known = found != contents_.groups.end() && found->second.point_segment != 0;
  if (!is_known) {
    if (!failed_.ok()) return unexpected(failed_);
    auto& begun = contents_.groups[group];
    begun.point.peers = initial;
    begun.begins_unwritten = true;
    found = contents_.groups.find(group);
  }
  const auto& log = found->second;
  raft::restored_state state;
  state.hard = log.hard;
  state.snapshot = log.point;
  state.last = log.last();
  state.terms = log.term_starts;
  state.configurations = log.configurations;
  return state;
}

log_store::impl::found_places log_store::impl::find(raft::group_id group, log_index first,
                                                    log_index last, std::uint64_t bytes_max) {
  found_places found;
  const std::lock_guard guard(contents_mutex_);
  const auto* log = contents_.find(group);
  if (log == nullptr || !log->holds(first)) return found;
  std::uint64_t bytes = 0;
  segment_number segment = 0;
  // An entry counts for its form less 8 bytes, or more: where bytes_max ends the read a few too
  // many are found, never too few.
  for (auto i = first; i <= std::min(last, log->last()) && bytes <= bytes_max; i = next(i)) {
    const auto& place = log->place(i);
    if (place.segment != std::exchange(segment, place.segment)) {
      found.files.emplace(segment, contents_.segments.at(segment).file);
    }
    found.places.push_back(place);
    bytes += place.bytes - std::min<std::uint64_t>(place.bytes, 8);
  }
  return found;
}

raft::expected<raft::entries, status> log_store::impl::read(raft::group_id group, log_index first,
                                                            log_index last,
                                                            std::uint64_t bytes_max) {
  const auto found = find(group, first, last, bytes_max);
  if (found.places.empty()) {
    return unexpected(status(status_code::absent, "group " + to_string(group) + ", entry " +
                                                      to_string(first) + " is not in the log"));
  }
  raft::entries entries;
  entries.reserve(found.places.size());
  std::uint64_t bytes = 0;
  auto read = read_entries(directory_, found.files, {group, first, found.places},
                           [&](raft::entry_ptr entry, std::string_view) {
                             bytes += entry->size_bytes();
                             if (!entries.empty() && bytes > bytes_max) return false;
                             entries.push_back(std::move(entry));
                             return true;
                           });
  if (!read.ok()) return unexpected(std::move(read));
  return entries;
}

std::uint64_t log_store::impl::bytes(raft::group_id group) {
  const std::lock_guard guard(contents_mutex_);
  const auto* log = contents_.find(group);
  return log == nullptr ? 0 : log->entry_bytes;
}

// ---- the interface ------------------------------------------------------------------------------

raft::expected<std::unique_ptr<log_store>, status> log_store::open(
    const log_store_options& options) {
  auto& env = options.env != nullptr ? *options.env : *sized_log_files();
  auto recovered = recover_log(env, options.path);
  if (!recovered) return unexpected(recovered.error());
  return std::unique_ptr<log_store>(
      new log_store(std::make_unique<impl>(env, options, *std::move(recovered))));
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
  return impl_->read(group, first, last, bytes_max);
}

status log_store::compact(raft::group_id group, log_index index) {
  return impl_->compact(group, index);
}

std::uint64_t log_store::bytes(raft::group_id group) const {
  return impl_->bytes(group);
}

}  // namespace troupe::persistence

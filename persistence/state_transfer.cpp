#include "persistence/state_transfer.hpp"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "codec/checksum.hpp"
#include "persistence/big_endian.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

/// A table begins a new file behind this much.
constexpr std::uint64_t table_bytes = 64U << 20U;

/// The keys of one generation as they stand at one moment, in order.
class frozen_generation {
 public:
  frozen_generation(rocksdb::DB& db, const state_generation& generation)
      : db_(db),
        generation_(generation),
        snapshot_(db.GetSnapshot()),
        end_key_(end_of_prefix(generation_prefix(generation))),
        end_(end_key_) {
    rocksdb::ReadOptions reads;
    reads.snapshot = snapshot_;
    reads.fill_cache = false;  // what is read once must not drive out what is read often
    reads.iterate_upper_bound = &end_;
    at_.reset(db.NewIterator(reads));
  }
  ~frozen_generation() {
    at_.reset();
    db_.ReleaseSnapshot(snapshot_);
  }
  frozen_generation(const frozen_generation&) = delete;
  frozen_generation& operator=(const frozen_generation&) = delete;

  [[nodiscard]] std::optional<std::string> get(const std::string& key) const {
    rocksdb::ReadOptions reads;
    reads.snapshot = snapshot_;
    std::string value;
    return db_.Get(reads, key, &value).ok() ? std::optional(std::move(value)) : std::nullopt;
  }
  [[nodiscard]] std::optional<applied_point> point() const {
    const auto key = state_key(generation_, state_space::applied);
    const auto record = get(key);
    return record ? decode_applied_point(key, *record) : std::nullopt;
  }
  [[nodiscard]] std::optional<applied_configuration> configuration() const {
    const auto key = state_key(generation_, state_space::configuration);
    const auto record = get(key);
    return record ? decode_applied_configuration(key, *record) : std::nullopt;
  }

  /// Calls visit(space, key within the space, value) until it fails.
  template <class Visit>
  status for_each(const Visit& visit) {
    for (at_->Seek(generation_prefix(generation_)); at_->Valid(); at_->Next()) {
      const auto key = at_->key().ToStringView();
      const auto space = static_cast<state_space>(key[state_prefix_bytes - 1]);
      auto done = visit(space, key.substr(state_prefix_bytes), at_->value().ToStringView());
      if (!done.ok()) return done;
    }
    return to_status(at_->status(), "read state in", db_.GetName());
  }

 private:
  rocksdb::DB& db_;
  state_generation generation_;
  const rocksdb::Snapshot* snapshot_;
  std::string end_key_;
  rocksdb::Slice end_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

/// Writes tables one after the other, each as long as it may be.
class table_writer {
 public:
  table_writer(rocksdb::DB& db, std::string directory)
      : options_(db.GetOptions()), directory_(std::move(directory)) {}

  status put(const std::string& key, std::string_view value) {
    if (!open_) {
      if (auto begun = begin(); !begun.ok()) return begun;
    }
    auto done =
        to_status(open_->Put(key, rocksdb::Slice(value.data(), value.size())), "write", path_);
    if (done.ok() && open_->FileSize() >= table_bytes) return end();
    return done;
  }
  status end() {
    if (!open_) return {};
    auto done = to_status(open_->Finish(), "write", path_);
    open_.reset();
    if (!done.ok()) return done;
    const auto sum = checksum_of_file(path_);
    if (!sum) return sum.error();
    files_.back().checksum = *sum;
    files_.back().bytes = std::filesystem::file_size(path_);
    return {};
  }
  [[nodiscard]] std::vector<snapshot_file> take_files() { return std::move(files_); }

 private:
  status begin() {
    auto& file = files_.emplace_back();
    file.name = std::to_string(files_.size()) + ".sst";
    path_ = directory_ + "/" + file.name;
    open_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options_);
    return to_status(open_->Open(path_), "create", path_);
  }

  rocksdb::Options options_;
  std::string directory_;
  std::string path_;
  std::unique_ptr<rocksdb::SstFileWriter> open_;
  std::vector<snapshot_file> files_;
};

/// Under the keys that the state will have where it is installed: a generation of its own.
status write_tables(frozen_generation& from, const snapshot_manifest& manifest,
                    const applied_configuration& peers, table_writer& tables) {
  const state_generation target{manifest.group, manifest.point.index};
  return from.for_each([&](state_space space, std::string_view key, std::string_view value) {
    const std::string to = state_key(target, space).append(key);
    switch (space) {
      case state_space::applied:
        return tables.put(to,
                          encode_applied_point(to, {manifest.point.index, manifest.point.term}));
      case state_space::configuration:
        return tables.put(to, encode_applied_configuration(to, peers));
      default:
        return tables.put(to, value);
    }
  });
}

status delete_range(rocksdb::DB& db, const std::string& from, const std::string& to) {
  rocksdb::ReadOptions reads;
  const rocksdb::Slice end(to);
  reads.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(reads));
  at->Seek(from);
  if (!at->Valid()) return to_status(at->status(), "read state in", db.GetName());
  return to_status(db.DeleteRange({}, db.DefaultColumnFamily(), from, to), "write state in",
                   db.GetName());
}

status damaged(rocksdb::DB& db, raft::group_id group) {
  return {status_code::corrupt,
          "state of group " + to_string(group) + " in " + db.GetName() + " is damaged"};
}

}  // namespace

raft::expected<snapshot_manifest, status> export_generation(rocksdb::DB& db,
                                                            const state_generation& generation,
                                                            const std::string& directory) {
  frozen_generation from(db, generation);
  const auto point = from.point();
  const auto peers = from.configuration();
  if (!point || !peers) {
    return unexpected(status(status_code::absent,
                             "group " + to_string(generation.group) + " has applied nothing yet"));
  }
  std::error_code failed;
  std::filesystem::remove_all(directory, failed);
  std::filesystem::create_directories(directory, failed);
  if (failed) {
    return unexpected(
        status(status_code::io_error, "create " + directory + ": " + failed.message()));
  }
  snapshot_manifest manifest{generation.group, {point->index, point->term, peers->peers}, {}};
  table_writer tables(db, directory);
  auto done = write_tables(from, manifest, *peers, tables);
  if (done.ok()) done = tables.end();
  manifest.files = tables.take_files();
  if (done.ok()) done = replace_file(manifest_path(directory), encode_manifest(manifest));
  if (!done.ok()) {
    std::filesystem::remove_all(directory, failed);
    return unexpected(std::move(done));
  }
  return manifest;
}

status ingest_generation(rocksdb::DB& db, const snapshot_manifest& manifest,
                         const std::string& directory) {
  const state_generation fresh{manifest.group, manifest.point.index};
  const auto prefix = generation_prefix(fresh);
  if (auto cleared = delete_range(db, prefix, end_of_prefix(prefix)); !cleared.ok()) {
    return cleared;
  }
  std::vector<std::string> paths;
  for (const auto& file : manifest.files) paths.push_back(directory + "/" + file.name);
  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.failed_move_fall_back_to_copy = true;
  how.snapshot_consistency = true;
  how.allow_blocking_flush = true;
  auto taken = to_status(db.IngestExternalFile(paths, how), "take files into", db.GetName());
  if (!taken.ok()) return taken;
  // Keys outside of the generation would belong to others; the applied record must be there.
  frozen_generation now(db, fresh);
  const auto point = now.point();
  const bool fits = point && point->index == manifest.point.index &&
                    point->term == manifest.point.term && now.configuration();
  return fits ? status() : damaged(db, manifest.group);
}

status switch_generation(rocksdb::DB& db, const state_generation& generation) {
  const auto key = generation_key(generation.group);
  rocksdb::WriteOptions writes;
  writes.sync = true;
  return to_status(db.Put(writes, key, encode_generation(key, generation.first)), "write state in",
                   db.GetName());
}

status drop_other_generations(rocksdb::DB& db, const state_generation& kept) {
  const auto prefix = generation_prefix(kept);
  auto done = delete_range(db, generation_key(kept.group) + '\0', prefix);
  if (!done.ok()) return done;
  return delete_range(db, end_of_prefix(prefix), end_of_prefix(generation_key(kept.group)));
}

raft::expected<content, status> content_of(rocksdb::DB& db, const state_generation& generation) {
  frozen_generation from(db, generation);
  const auto point = from.point();
  if (!point) {
    return unexpected(status(status_code::absent,
                             "group " + to_string(generation.group) + " has applied nothing yet"));
  }
  content found{*point, 0};
  auto done =
      from.for_each([&](state_space space, std::string_view key, std::string_view value) -> status {
        if (space == state_space::applied || space == state_space::configuration) return {};
        std::string before;
        append_big_endian(before, found.hash);
        before.push_back(static_cast<char>(space));
        append_big_endian(before, static_cast<std::uint32_t>(key.size()));
        before.append(key);
        found.hash = codec::checksum64(before, value);
        return {};
      });
  if (!done.ok()) return unexpected(std::move(done));
  return found;
}

}  // namespace troupe::persistence

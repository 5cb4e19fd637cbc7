#include "persistence/state_transfer.hpp"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table_properties.h>

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
  table_writer(rocksdb::DB& db, std::string directory, std::uint64_t table_bytes)
      : options_(db.GetOptions()), directory_(std::move(directory)), table_bytes_(table_bytes) {}

  status put(const std::string& key, std::string_view value) {
    if (!open_) {
      if (auto begun = begin(); !begun.ok()) return begun;
    }
    auto done =
        to_status(open_->Put(key, rocksdb::Slice(value.data(), value.size())), "write", path_);
    if (done.ok() && open_->FileSize() >= table_bytes_) return end();
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
    std::error_code failed;
    files_.back().bytes = std::filesystem::file_size(path_, failed);
    return failed ? status(status_code::io_error, "read " + path_ + ": " + failed.message())
                  : status();
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
  std::uint64_t table_bytes_;
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

/// Whatever is taken over unseen must hold keys of this generation only, and delete nothing: other
/// groups' data lie in the same database.
status check_table(rocksdb::DB& db, const std::string& path, const std::string& prefix) {
  rocksdb::SstFileReader table(db.GetOptions());
  if (const auto opened = table.Open(path); !opened.ok()) {
    return {status_code::corrupt, path + " is no table: " + opened.ToString()};
  }
  const auto holds = table.GetTableProperties();
  rocksdb::ReadOptions reads;
  reads.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(table.NewIterator(reads));
  at->SeekToFirst();
  bool fits = at->Valid() && at->key().starts_with(prefix);
  at->SeekToLast();
  fits = fits && at->Valid() && at->key().starts_with(prefix) && holds->num_deletions == 0 &&
         holds->num_range_deletions == 0 && holds->num_merge_operands == 0;
  return fits ? status()
              : status(status_code::corrupt, path + " holds what does not belong to its group");
}

/// The records that every generation has, as the manifest tells them.
status check_records(rocksdb::DB& db, const snapshot_manifest& manifest) {
  const frozen_generation now(db, {manifest.group, manifest.point.index});
  const auto point = now.point();
  const auto peers = now.configuration();
  const bool fits = point && peers && point->index == manifest.point.index &&
                    point->term == manifest.point.term && peers->peers == manifest.point.peers;
  return fits ? status()
              : status(status_code::corrupt, "snapshot of group " + to_string(manifest.group) +
                                                 ": its tables and its manifest disagree");
}

status make_directory(const std::string& path) {
  std::error_code failed;
  std::filesystem::remove_all(path, failed);
  std::filesystem::create_directories(path, failed);
  return failed ? status(status_code::io_error, "create " + path + ": " + failed.message())
                : status();
}

}  // namespace

raft::expected<snapshot_manifest, status> export_generation(rocksdb::DB& db,
                                                            const state_generation& generation,
                                                            const std::string& directory,
                                                            std::uint64_t table_bytes) {
  frozen_generation from(db, generation);
  const auto point = from.point();
  const auto peers = from.configuration();
  if (!point || !peers) {
    return unexpected(status(status_code::absent,
                             "group " + to_string(generation.group) + " has applied nothing yet"));
  }
  if (std::filesystem::exists(directory)) {
    return unexpected(status(status_code::mismatch,
                             directory + " exists already; give the snapshot another directory"));
  }
  const std::string unfinished = directory + ".tmp";
  snapshot_manifest manifest{generation.group, {point->index, point->term, peers->peers}, {}};
  auto done = make_directory(unfinished);
  table_writer tables(db, unfinished, table_bytes);
  if (done.ok()) done = write_tables(from, manifest, *peers, tables);
  if (done.ok()) done = tables.end();
  manifest.files = tables.take_files();
  if (done.ok()) done = replace_file(manifest_path(unfinished), encode_manifest(manifest));
  if (done.ok()) done = rename_directory(unfinished, directory);
  if (!done.ok()) {
    std::error_code ignored;
    std::filesystem::remove_all(unfinished, ignored);
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
  for (const auto& file : manifest.files) {
    paths.push_back(directory + "/" + file.name);
    if (auto fine = check_table(db, paths.back(), prefix); !fine.ok()) return fine;
  }
  if (!paths.empty()) {
    rocksdb::IngestExternalFileOptions how;
    how.move_files = true;
    how.failed_move_fall_back_to_copy = true;
    how.write_global_seqno = false;  // a file that is linked in place is not written to
    auto taken = to_status(db.IngestExternalFile(paths, how), "take files into", db.GetName());
    if (!taken.ok()) return taken;
  }
  return check_records(db, manifest);
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
  auto done = delete_range(db, generation_prefix({kept.group, {}}), prefix);
  if (!done.ok()) return done;
  return delete_range(db, end_of_prefix(prefix),
                      generation_prefix({kept.group, raft::log_index{UINT64_MAX}}));
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

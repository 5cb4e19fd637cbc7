// snapshot: the state of one group as files of their own: what they are, reading them in parts to
// send them, and putting them together again. Files are RocksDB tables that a store can take over
// as they are. Knows nothing of networks, nor of what the tables hold. docs/log-format.md describes
// the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/status.hpp"
#include "raft/expected.hpp"
#include "raft/message.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

struct snapshot_file {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  ///< checksum_of_file
  friend bool operator==(const snapshot_file&, const snapshot_file&) = default;
};

struct snapshot_manifest {
  raft::group_id group;
  raft::snapshot_point point;  ///< the last entry applied, the configuration committed there
  std::vector<snapshot_file> files;
  friend bool operator==(const snapshot_manifest&, const snapshot_manifest&) = default;
};

constexpr std::uint32_t snapshot_files_max = 4'096;
constexpr std::uint64_t snapshot_bytes_max = 1ULL << 40U;

/// Sealed with a checksum.
std::string encode_manifest(const snapshot_manifest& manifest);
/// corrupt, naming the field and its limit, for anything that no exporter wrote.
raft::expected<snapshot_manifest, status> decode_manifest(std::string_view record);

/// Where the manifest of a snapshot directory stands; written last, so a directory that has one is
/// complete.
std::string manifest_path(const std::string& directory);
/// XXH3-64 over each MiB and the sum before it.
raft::expected<std::uint64_t, status> checksum_of_file(const std::string& path);

/// Reads a complete snapshot. Not thread-safe.
class snapshot_reader {
 public:
  static raft::expected<snapshot_reader, status> open(const std::string& directory);
  [[nodiscard]] const snapshot_manifest& manifest() const { return manifest_; }
  /// Up to `bytes_max` bytes, at least one; corrupt behind the end of the file.
  [[nodiscard]] raft::expected<std::string, status> read(const std::string& file,
                                                         std::uint64_t offset,
                                                         std::size_t bytes_max) const;
  /// Every file has the size and the checksum that the manifest says.
  [[nodiscard]] status verify() const;

 private:
  snapshot_reader(std::string directory, snapshot_manifest manifest)
      : directory_(std::move(directory)), manifest_(std::move(manifest)) {}
  std::string directory_;
  snapshot_manifest manifest_;
};

/// Puts a snapshot together from parts that come in order. Not thread-safe.
class snapshot_receiver {
 public:
  /// Makes the directory, empty.
  static raft::expected<snapshot_receiver, status> begin(const std::string& directory,
                                                         snapshot_manifest manifest);
  /// corrupt when the part is not the next one, or more than the manifest promised.
  status chunk(const std::string& file, std::uint64_t offset, std::string_view bytes);
  /// Checks sizes and checksums and makes everything durable, the manifest last.
  status finish();

 private:
  snapshot_receiver(std::string directory, snapshot_manifest manifest)
      : directory_(std::move(directory)), manifest_(std::move(manifest)) {}
  void pass_empty_files();
  std::string directory_;
  snapshot_manifest manifest_;
  std::size_t file_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace troupe::persistence

// log_segments: the files of the log: named by number, appended to at the end, read anywhere. Knows
// nothing of what is in them but where they begin.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/log_frames.hpp"
#include "persistence/status.hpp"
#include "raft/expected.hpp"

namespace rocksdb {
class Env;
class RandomAccessFile;
class WritableFile;
}  // namespace rocksdb

namespace troupe::persistence {

/// Stays readable for whoever holds it when the file is deleted.
using segment_file = std::shared_ptr<const rocksdb::RandomAccessFile>;

std::string segment_path(const std::string& directory, segment_number number);
/// The numbers of the segments in the directory, ascending.
raft::expected<std::vector<segment_number>, status> list_segments(rocksdb::Env& env,
                                                                  const std::string& directory);
raft::expected<segment_file, status> open_segment(rocksdb::Env& env, const std::string& directory,
                                                  segment_number number);
/// At most `bytes_max` bytes from the start, fewer where the file is shorter.
raft::expected<std::string_view, status> read_segment(const rocksdb::RandomAccessFile& file,
                                                      const std::string& path,
                                                      std::uint64_t bytes_max, std::string& buffer);

/// The segment that is written. After any failure nothing may be written any more.
class segment_writer {
 public:
  /// Replaces what stands there under this number. The header is durable with the first sync.
  static raft::expected<segment_writer, status> create(rocksdb::Env& env,
                                                       const std::string& directory,
                                                       segment_number number,
                                                       std::uint64_t first_batch);
  segment_writer(segment_writer&&) noexcept;
  segment_writer& operator=(segment_writer&&) = delete;
  ~segment_writer();

  status append(std::string_view frame);
  /// Makes durable what was appended and, the first time, that the file is there.
  status sync();
  [[nodiscard]] segment_number number() const { return number_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const segment_file& file() const { return readable_; }

 private:
  segment_writer(rocksdb::Env& env, const std::string& directory, segment_number number);

  rocksdb::Env* env_;
  std::string directory_;
  segment_number number_;
  std::unique_ptr<rocksdb::WritableFile> file_;
  segment_file readable_;
  std::uint64_t bytes_ = 0;
  bool named_ = false;  ///< the directory is synced
};

}  // namespace troupe::persistence

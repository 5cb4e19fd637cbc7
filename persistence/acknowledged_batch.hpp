// acknowledged_batch: the number of the last batch that the log store has promised to hold, in a
// small file beside the segments. A frame at the log's end that was synced and damaged looks like
// one that was never finished; this number tells them apart. Knows nothing of batches.
//
// It is written after the batch is synced, and not synced itself: a crash of the process loses
// nothing, a power loss leaves an older number, which is a weaker but still true bound.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "persistence/status.hpp"
#include "raft/expected.hpp"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace troupe::persistence {

class acknowledged_batch {
 public:
  /// Creates the file, with number 0, and makes it durable.
  static status create(rocksdb::Env& env, const std::string& path);
  static raft::expected<std::unique_ptr<acknowledged_batch>, status> open(rocksdb::Env& env,
                                                                          const std::string& path);
  ~acknowledged_batch();
  acknowledged_batch(const acknowledged_batch&) = delete;
  acknowledged_batch& operator=(const acknowledged_batch&) = delete;

  [[nodiscard]] std::uint64_t number() const { return number_; }
  status raise(std::uint64_t number);
  /// For a clean stop: from here on the bound is exact even across a power loss.
  status sync();

 private:
  acknowledged_batch(std::unique_ptr<rocksdb::RandomRWFile> file, std::string path,
                     std::uint64_t number);
  std::unique_ptr<rocksdb::RandomRWFile> file_;
  std::string path_;
  std::uint64_t number_ = 0;
};

}  // namespace troupe::persistence

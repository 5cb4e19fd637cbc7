// data_directory: what marks a directory as the home of one node: a lock, an identity file with
// format version, cluster id and node id, and a start counter.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "persistence/status.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

constexpr std::uint32_t data_format_version = 2;

struct data_identity {
  std::string cluster;
  raft::node_id node;
};

class data_directory {
 public:
  /// Creates the directory when missing, locks it, checks or writes the identity (temporary file,
  /// fsync, rename, directory fsync) and raises the start counter. Messages name path, found and
  /// wanted value, and the fix. Codes: locked, mismatch (version, cluster, node), io_error,
  /// corrupt.
  static raft::expected<std::unique_ptr<data_directory>, status> open(const std::string& path,
                                                                      const data_identity& wanted);
  ~data_directory();  ///< releases the lock
  data_directory(const data_directory&) = delete;
  data_directory& operator=(const data_directory&) = delete;

  /// 1 at the first start, then one more at each.
  [[nodiscard]] std::uint64_t incarnation() const { return incarnation_; }
  /// Drawn when the directory was made, never 0: a node that comes back without its data has
  /// another.
  [[nodiscard]] std::uint64_t birth() const { return birth_; }
  [[nodiscard]] std::string log_path() const { return path_ + "/log"; }
  [[nodiscard]] std::string state_path() const { return path_ + "/state"; }
  /// For snapshots on their way; emptied at each start.
  [[nodiscard]] std::string snapshots_path() const { return path_ + "/snapshots"; }
  /// Where the roster of other nodes is kept; see groups/roster.hpp.
  [[nodiscard]] std::string roster_path() const { return path_ + "/roster"; }

 private:
  data_directory(std::string path, int lock, std::uint64_t incarnation)
      : path_(std::move(path)), lock_(lock), incarnation_(incarnation) {}
  std::string path_;
  int lock_ = -1;
  std::uint64_t incarnation_ = 0;
  std::uint64_t birth_ = 0;
};

}  // namespace troupe::persistence

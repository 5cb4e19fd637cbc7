// fault_env: a disk that fails on request and forgets what was not synced. It sits between a store
// and the real file system, and knows for each file how much is durable, and for each directory
// which creations, renames and deletions are.
//
// A crash is told in four steps: freeze() lets nothing more reach the disk, the store is closed,
// drop_unsynced() brings the disk to what a power loss may leave, thaw() lets the next store work.
#pragma once

#include <rocksdb/env.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::persistence {

/// What a power loss leaves of the unsynced end of a file.
struct torn_tail {
  std::uint64_t kept_bytes = 0;  ///< of the unsynced bytes, from the start
  std::uint64_t zeroed_bytes =
      0;  ///< so many of the kept ones read as zeros: pages written out of order
};

class fault_env final : public rocksdb::EnvWrapper {
 public:
  fault_env() : rocksdb::EnvWrapper(rocksdb::Env::Default()) {}

  // ---- faults -----------------------------------------------------------------------------
  /// The next sync of a file whose name ends so fails once; what it should have saved stays
  /// unsynced.
  void fail_next_sync(const std::string& name_end);
  /// Appends of more bytes than this, in sum, fail as on a full disk; the last one is cut short.
  void set_space_left(std::optional<std::uint64_t> bytes);
  /// While held, writers of table files wait: memtables pile up until the store stalls.
  void hold_tables(bool held);
  void freeze();
  /// Freezes when this many more operations have changed the disk.
  void freeze_after(std::uint64_t operations);
  [[nodiscard]] bool frozen() const;
  void thaw();
  /// Only while no file is open. `tail` says what is left of segments and write-ahead logs.
  void drop_unsynced(torn_tail tail = {});
  /// Bytes that drop_unsynced would take from segments and write-ahead logs.
  [[nodiscard]] std::uint64_t unsynced_log_bytes() const;

  // ---- rocksdb::Env -----------------------------------------------------------------------
  rocksdb::Status NewWritableFile(const std::string& path,
                                  std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status ReopenWritableFile(const std::string& path,
                                     std::unique_ptr<rocksdb::WritableFile>* file,
                                     const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewRandomRWFile(const std::string& path,
                                  std::unique_ptr<rocksdb::RandomRWFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewDirectory(const std::string& path,
                               std::unique_ptr<rocksdb::Directory>* directory) override;
  rocksdb::Status CreateDir(const std::string& path) override;
  rocksdb::Status CreateDirIfMissing(const std::string& path) override;
  rocksdb::Status DeleteFile(const std::string& path) override;
  rocksdb::Status Truncate(const std::string& path, std::size_t size) override;
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override;
  rocksdb::Status LinkFile(const std::string& from, const std::string& to) override;
  /// RocksDB rests a second after a failed flush, also when it is being closed; tests need not.
  void SleepForMicroseconds(int micros) override;

 private:
  friend class watched_file;
  friend class watched_rw_file;
  friend class watched_directory;

  struct file_state {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    /// Overwritten bytes by time: what a power loss may bring back.
    std::vector<std::pair<std::uint64_t, std::string>> overwritten;
  };
  /// A change of a directory that its sync has not confirmed yet.
  struct unsynced_change {
    enum class kind { created, directory_created, renamed, deleted } what;
    std::string path;                    ///< what appeared, or was deleted
    std::string from;                    ///< renamed: the old name
    std::optional<std::string> content;  ///< what stood under `path` before
  };

  rocksdb::Status change();  ///< counts an operation; fails when frozen
  rocksdb::Status note_appended(const std::string& path, std::uint64_t bytes);
  std::uint64_t take_space(std::uint64_t bytes);
  rocksdb::Status sync_file(const std::string& path);
  void sync_entries(const std::string& directory);
  void undo(const unsynced_change& c);
  std::optional<std::string> durable_content(const std::string& path);
  void cut(const std::string& path, const file_state& state, const torn_tail& tail) const;

  mutable std::mutex mutex_;
  std::condition_variable tables_free_;
  bool tables_held_ = false;
  bool frozen_ = false;
  std::optional<std::uint64_t> operations_left_;
  std::optional<std::string> failing_sync_;
  std::optional<std::uint64_t> space_left_;
  std::map<std::string, file_state> files_;
  std::vector<unsynced_change> changes_;
};

}  // namespace troupe::persistence

// stored_view: reads of the keys of one space, out of RocksDB and of what is held over it, as they
// were at one moment. Knows nothing of batches, generations and applied indexes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/held_writes.hpp"
#include "persistence/layered_cursor.hpp"
#include "persistence/state.hpp"

namespace rocksdb {
class DB;
class Snapshot;
struct ReadOptions;
}  // namespace rocksdb

namespace troupe::persistence {

/// Where a scan runs among the keys that begin with `space_prefix`; nothing when no key can match.
std::optional<key_range> range_of(std::string_view space_prefix, std::string_view prefix,
                                  std::string_view from);

/// A moment of the database and of what one group holds over it; keeps the database open while it
/// lives. Keys are whole keys. Thread-safe.
class stored_moment {
 public:
  stored_moment(std::shared_ptr<rocksdb::DB> db, const held_writes& held);
  ~stored_moment();
  stored_moment(const stored_moment&) = delete;
  stored_moment& operator=(const stored_moment&) = delete;

  /// A read that fails shows as absent and is remembered.
  [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
  /// Over the range with `above`, if there is something, on top; ends with the next change of it.
  /// Whoever is done with it notes its status.
  [[nodiscard]] layered_cursor cursor(const key_range& range, const change_log* above) const;
  void note(const rocksdb::Status& failure) const;
  [[nodiscard]] status failure() const;

 private:
  [[nodiscard]] rocksdb::ReadOptions options() const;

  std::shared_ptr<rocksdb::DB> db_;
  const rocksdb::Snapshot* snapshot_ = nullptr;
  std::vector<changes_seen> held_;
  mutable std::mutex mutex_;  ///< guards what follows it
  mutable status failed_;
};

/// The keys of the moment that begin with `space_prefix`.
std::unique_ptr<state_view> make_stored_view(std::unique_ptr<stored_moment> moment,
                                             std::string space_prefix);

}  // namespace troupe::persistence

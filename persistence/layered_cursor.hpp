// layered_cursor: the keys of a range of the database with layers of changes over it, in byte
// order; a newer layer covers an older one. Knows nothing of groups and spaces.
#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/change_log.hpp"

namespace rocksdb {
class DB;
struct ReadOptions;
}  // namespace rocksdb

namespace troupe::persistence {

/// [start, end), whole keys of the database.
struct key_range {
  std::string start;
  std::string end;
};

/// The first changes of a log, which outlives the cursor.
struct change_layer {
  const change_log* log;
  std::size_t seen;
};

class layered_cursor {
 public:
  /// The range may not change while this lives.
  layered_cursor(rocksdb::DB& db, rocksdb::ReadOptions reads,
                 const std::vector<change_layer>& newest_first, const key_range& range);
  layered_cursor(const layered_cursor&) = delete;
  layered_cursor& operator=(const layered_cursor&) = delete;

  [[nodiscard]] bool is_valid() const { return at_ != place::end; }
  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] std::string_view value() const;
  void next();
  /// A failed read of the database ends the cursor.
  [[nodiscard]] rocksdb::Status status() const { return below_->status(); }

 private:
  enum class place : unsigned char { layer, below, end };
  /// Changes of one layer, taken out in portions.
  struct portion {
    change_layer layer;
    std::vector<change> changes;
    std::size_t at = 0;

    [[nodiscard]] const change* now() const { return at < changes.size() ? &changes[at] : nullptr; }
  };
  void fill(portion& p, std::string_view start) const;
  /// Finds the smallest key that is not erased.
  void settle();
  void choose();
  void pass(std::string_view key);

  rocksdb::Slice end_;
  std::vector<portion> layers_;  ///< newest first
  std::unique_ptr<rocksdb::Iterator> below_;
  place at_ = place::end;
  change chosen_;  ///< when at_ is layer
};

}  // namespace troupe::persistence

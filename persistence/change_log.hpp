// change_log: puts and erasures of keys in the order they were made, readable by key. What is only
// written costs a copy into a buffer: the index that reading needs is built when somebody reads.
// Knows nothing of what lies below the changes, and of groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace troupe::persistence {

/// Points into the log that it came from.
struct change {
  const char* bytes = nullptr;  ///< the key, and behind it the value
  std::uint32_t key_bytes = 0;
  std::uint32_t value_bytes = 0;
  bool is_erased = false;

  [[nodiscard]] std::string_view key() const { return {bytes, key_bytes}; }
  [[nodiscard]] std::string_view value() const { return {bytes + key_bytes, value_bytes}; }
};

/// One thread writes; any may read at the same time what was there when append() or size()
/// returned. Keys and values are shorter than 4 GiB.
class change_log {
 public:
  change_log() = default;
  change_log(const change_log&) = delete;
  change_log& operator=(const change_log&) = delete;

  /// The key is `prefix` and `key`, one behind the other.
  void put(std::string_view prefix, std::string_view key, std::string_view value);
  void erase(std::string_view prefix, std::string_view key);
  /// Forgets all but the first `count` changes; no longer than nobody else reads.
  void truncate(std::size_t count);
  /// Takes over all changes of `later`, behind its own.
  void append(change_log& later);

  [[nodiscard]] std::size_t size() const;
  /// What the changes take in memory.
  [[nodiscard]] std::uint64_t bytes() const;

  /// The newest of the first `seen` changes that is of this key.
  [[nodiscard]] std::optional<change> find(std::string_view key, std::size_t seen) const;
  /// The newest of the first `seen` changes of each key in [start, end), in order of the keys; the
  /// first `count_max` of them.
  [[nodiscard]] std::vector<change> range(std::string_view start, std::string_view end,
                                          std::size_t seen, std::size_t count_max) const;
  /// The newest change of each key, in order of the keys. Builds no index.
  [[nodiscard]] std::vector<change> newest() const;

 private:
  using position = std::uint32_t;
  struct probe {
    std::string_view key;
    std::size_t behind;  ///< stands before the change at this position of the same key
  };
  struct order {
    using is_transparent = void;
    const std::vector<change>* changes;
    bool operator()(position a, position b) const;
    bool operator()(position a, const probe& b) const;
    bool operator()(const probe& a, position b) const;
  };

  char* room_for(std::size_t bytes);
  void add(std::string_view prefix, std::string_view key, std::string_view value, bool is_erased);
  void build_index() const;

  mutable std::mutex mutex_;
  std::vector<change> changes_;
  std::vector<std::unique_ptr<char[]>> buffers_;
  std::size_t buffer_bytes_ = 0;  ///< of all buffers
  std::size_t next_buffer_ = 1024;
  char* free_ = nullptr;  ///< in the last buffer
  std::size_t free_bytes_ = 0;
  mutable std::set<position, order> index_{order{&changes_}};  ///< by key, then oldest first
  mutable std::size_t indexed_ = 0;                            ///< so many changes are in it
};

}  // namespace troupe::persistence

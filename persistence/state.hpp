// state: what a processor sees of its group's data: a key space of its own. Knows nothing of
// RocksDB; state_store.hpp gives the durable form, memory_state.hpp one for tests.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/status.hpp"

namespace troupe::persistence {

/// Called for each key in byte order; false ends the scan. The views live until the call returns.
using key_visitor = std::function<bool(std::string_view key, std::string_view value)>;

/// Read access. A failed read shows as "absent" and is remembered; whoever made the view asks
/// read_status() afterwards and discards what was computed from it.
class state_view {
 public:
  state_view() = default;
  state_view(const state_view&) = delete;
  state_view& operator=(const state_view&) = delete;
  virtual ~state_view() = default;

  [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) const = 0;
  /// Visits keys ≥ `from` that begin with `prefix`. An empty `from` starts at the prefix itself.
  virtual void scan(std::string_view prefix, std::string_view from,
                    const key_visitor& visit) const = 0;
  /// The first failure of a read made through this object.
  [[nodiscard]] virtual status read_status() const { return {}; }
};

/// Read access that sees the batch's own writes, and write access. Nothing is visible to others
/// before the batch is committed as a whole.
class state_batch : public state_view {
 public:
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;
};

}  // namespace troupe::persistence

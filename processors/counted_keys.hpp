// counted_keys: one kind of record among the keys of a group: keys that begin with one letter, and
// how many there are, so that a limit can hold without counting. Knows nothing of what they hold.
//
// On disk: do not change.
//   letter name  → the record; a name is never empty
//   letter       → the count, 8 bytes big-endian
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/state.hpp"
#include "processors/fixed_width.hpp"

namespace troupe::processors {

class counted_keys {
 public:
  constexpr explicit counted_keys(char letter) : letter_(letter) {}

  [[nodiscard]] std::uint64_t count(const persistence::state_view& view) const {
    const auto stored = view.get(std::string(1, letter_));
    return stored && stored->size() == fixed_bytes ? read_fixed(*stored) : 0;
  }

  [[nodiscard]] std::optional<std::string> get(const persistence::state_view& view,
                                               std::string_view name) const {
    return view.get(key(name));
  }

  void put(persistence::state_batch& batch, std::string_view name, std::string_view value) const {
    const auto k = key(name);
    if (!batch.get(k)) set_count(batch, count(batch) + 1);
    batch.put(k, value);
  }

  /// False when there was none.
  bool erase(persistence::state_batch& batch, std::string_view name) const {
    const auto k = key(name);
    if (!batch.get(k)) return false;
    set_count(batch, count(batch) - 1);
    batch.erase(k);
    return true;
  }

  /// Visits names behind `after` that begin with `prefix`, in byte order, until told to stop.
  void each(const persistence::state_view& view, std::string_view prefix, std::string_view after,
            const persistence::key_visitor& visit) const {
    const auto begin = key(prefix);
    // The least key behind it is the one that continues it with NUL.
    const auto from = after.empty() ? begin : std::max(begin, key(after) + '\0');
    view.scan(begin, from, [&](std::string_view k, std::string_view value) {
      const bool is_count = k.size() == 1;
      return is_count || visit(k.substr(1), value);
    });
  }

  [[nodiscard]] std::vector<std::string> names(const persistence::state_view& view,
                                               std::string_view prefix) const {
    std::vector<std::string> found;
    each(view, prefix, {}, [&](std::string_view name, std::string_view) {
      found.emplace_back(name);
      return true;
    });
    return found;
  }

 private:
  [[nodiscard]] std::string key(std::string_view name) const {
    return std::string(1, letter_).append(name);
  }
  void set_count(persistence::state_batch& batch, std::uint64_t n) const {
    std::string bytes;
    append_fixed(bytes, n);
    batch.put(std::string(1, letter_), bytes);
  }

  char letter_;
};

}  // namespace troupe::processors

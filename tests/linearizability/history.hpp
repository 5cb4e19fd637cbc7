// history: what clients did with one key and what they were told, as plain values. Knows nothing of
// who judges it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace troupe::linearizability {

enum class op_kind : std::uint8_t { put, get, cas, remove };

/// failed: surely without effect. Only a cas that met another version is worth recording as failed;
/// every other failed operation says nothing and is left out.
enum class outcome : std::uint8_t { ok, failed, unknown };

/// The end of an operation that nobody was told of.
constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();

struct operation {
  int client = 0;
  op_kind kind = op_kind::get;
  outcome result = outcome::ok;
  std::string value;                      ///< put, cas: written; unique in the history of its key
  std::optional<std::uint64_t> expected;  ///< cas: the version that must stand, none: absent
  std::optional<std::string> observed;    ///< get: the value, none when the key was absent
  /// Of the write itself (put, cas, remove), of the value observed (get), or of what stood in the
  /// way (failed cas). None when it was not reported.
  std::optional<std::uint64_t> version;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = never_ns;
};

/// All on one key, in any order.
using history = std::vector<operation>;

/// One line, for people.
std::string describe(const operation& op);

}  // namespace troupe::linearizability

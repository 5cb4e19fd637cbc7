// types: the numbers of the protocol, each a type of its own so that none converts into another.
// Knows nothing of messages or roles.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace troupe::raft {

/// A 64-bit number that compares only with its own kind. Zero means "none".
template <class Tag>
class number {
 public:
  constexpr number() = default;
  constexpr explicit number(std::uint64_t value) : value_(value) {}

  static constexpr number max() { return number{UINT64_MAX}; }

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_none() const { return value_ == 0; }

  constexpr auto operator<=>(const number&) const = default;

 private:
  std::uint64_t value_ = 0;
};

/// Raft §5.1: logical time; each term has at most one leader.
using term = number<struct term_tag>;

/// Position of an entry in the log; the first entry has index 1.
using log_index = number<struct log_index_tag>;

/// Stable id of a node, kept in its data directory; never reused for another node.
using node_id = number<struct node_id_tag>;

/// Id of a group: a hash of its name (see codec/group_name.hpp). The core never looks at it.
using group_id = number<struct group_id_tag>;

/// Identifies one `write` of the core to storage; rises by one for each.
using write_sequence = number<struct write_sequence_tag>;

/// Identifies one read round; never reused within the life of a core.
using read_round = number<struct read_round_tag>;

/// Chosen by whoever asks for a linearizable read; handed back when it may be served.
using read_id = number<struct read_id_tag>;

constexpr term next(term t) {
  return term{t.value() + 1};
}
constexpr log_index next(log_index i) {
  return log_index{i.value() + 1};
}
constexpr log_index previous(log_index i) {
  return log_index{i.value() - 1};
}
constexpr log_index operator+(log_index i, std::uint64_t n) {
  return log_index{i.value() + n};
}

/// Entries in the half-open range (from, to]; `from` must not be greater than `to`.
constexpr std::uint64_t distance(log_index from, log_index to) {
  return to.value() - from.value();
}

template <class Tag>
std::string to_string(number<Tag> n) {
  return std::to_string(n.value());
}

}  // namespace troupe::raft

template <class Tag>
struct std::hash<troupe::raft::number<Tag>> {
  std::size_t operator()(troupe::raft::number<Tag> n) const noexcept {
    return std::hash<std::uint64_t>{}(n.value());
  }
};

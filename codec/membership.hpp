// membership: who takes part in a group and where to reach them: the address book that each
// configuration entry carries as its context, and what an operator asks to change. Knows nothing of
// quorums.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/configuration_change.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::codec {

struct member_record {
  raft::node_id id;
  std::string address;  ///< host:port for peers
  /// When the node was added, in microseconds since 1970; 0 for a founder. A node that is added
  /// again has a greater one: from then on its earlier data directory counts for nothing.
  std::uint64_t added = 0;
  friend bool operator==(const member_record&, const member_record&) = default;
};

using address_book = std::vector<member_record>;

struct wanted_change {
  raft::change_kind kind = raft::change_kind::update;
  raft::node_id id;
  std::string address;  ///< of a node that is new to the group, or that has moved; else empty
  friend bool operator==(const wanted_change&, const wanted_change&) = default;
};

/// An operator's request to change a group's members; no changes: leave the joint configuration.
struct membership_request {
  raft::joint_transition transition = raft::joint_transition::automatic;
  std::vector<wanted_change> changes;
  friend bool operator==(const membership_request&, const membership_request&) = default;
};

/// What a node remembers of another one; see groups/roster.hpp.
struct known_node {
  std::string address;      ///< host:port for peers
  std::uint64_t added = 0;  ///< as in member_record
  std::uint64_t birth = 0;  ///< of its data directory; 0 while it was never met
  bool removed = false;     ///< no group has it any more
  friend bool operator==(const known_node&, const known_node&) = default;
};
using known_nodes = std::map<raft::node_id, known_node>;

std::string encode_roster(const known_nodes& nodes);
raft::expected<known_nodes, decode_error> decode_roster(std::string_view record);
std::string encode_book(const address_book& book);
raft::expected<address_book, decode_error> decode_book(std::string_view record);
std::string encode_change(const membership_request& wanted);
raft::expected<membership_request, decode_error> decode_change(std::string_view record);

}  // namespace troupe::codec

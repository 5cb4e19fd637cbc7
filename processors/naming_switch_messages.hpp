// naming_switch_messages: what one may ask the processor of switches, and what it answers. Structs
// own no texts. Knows nothing of which switches there are: switch_values.hpp. nacos-spec C.6, E.0.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "processors/naming_messages.hpp"

namespace troupe::processors::naming {

/// In the log: never change.
constexpr std::string_view verb_write = "WRITE";
constexpr std::size_t switch_fields_max = 64;

/// WRITE: sets one switch; others stay as they are. Answered with a write_reply.
struct write_switch {
  std::string_view entry;
  std::string_view value;
  naming::stamp stamp;
  friend bool operator==(const write_switch&, const write_switch&) = default;
};

/// What was written, as text, by field. What was not has its default.
struct list_switches {
  friend bool operator==(const list_switches&, const list_switches&) = default;
};

struct switches_reply {
  std::vector<std::pair<std::string_view, std::string_view>> written;
  friend bool operator==(const switches_reply&, const switches_reply&) = default;
};

std::string encode(const write_switch& c);
std::string encode(const list_switches& q);
std::string encode(const switches_reply& r);

raft::expected<write_switch, codec::decode_error> decode_write_switch(std::string_view bytes);
raft::expected<list_switches, codec::decode_error> decode_switches_query(std::string_view bytes);
raft::expected<switches_reply, codec::decode_error> decode_switches_reply(std::string_view bytes);

}  // namespace troupe::processors::naming

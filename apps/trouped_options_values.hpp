// trouped_options_values: from the text of a setting to its value, or to the reason why it has
// none. A reason completes the sentence `--name is "text": …`. Knows neither which settings there
// are nor where their text comes from.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::apps {

struct member_address {
  raft::node_id id;
  std::string address;  ///< host:port; an IPv6 host stands in brackets
  friend bool operator==(const member_address&, const member_address&) = default;
};

template <class T>
using parsed = raft::expected<T, std::string>;

/// Node ids stay within 63 bits: on disk and in JSON they travel as signed numbers.
constexpr std::uint64_t node_id_max = (std::uint64_t{1} << 63U) - 1;
constexpr std::size_t cluster_name_bytes_max = 64;

parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most);
parsed<bool> parse_switch(std::string_view text);
/// The index of `text` among `names`.
parsed<std::size_t> parse_choice(std::string_view text, std::initializer_list<const char*> names);
parsed<std::string> parse_address(std::string_view text);
/// What HTTP allows as the name of a header (RFC 7230 §3.2.6).
parsed<std::string> parse_header_name(std::string_view text);
parsed<std::string> parse_cluster_name(std::string_view text);
/// "1=host:port,2=host:port": sorted by id; ids and addresses are unique.
parsed<std::vector<member_address>> parse_members(std::string_view text);

/// True for all addresses of this machine at once: 0.0.0.0 and [::].
bool is_wildcard(std::string_view address);
/// True when nobody beyond this machine can reach `address`.
bool is_loopback(std::string_view address);

}  // namespace troupe::apps

#include "apps/trouped_options_values.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace troupe::apps {
namespace {

constexpr std::uint64_t port_max = 65535;

raft::unexpected<std::string> because(std::string reason) {
  return raft::unexpected<std::string>(std::move(reason));
}

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), is_name_character);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(separator, begin), text.size());
    parts.push_back(trim(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

parsed<member_address> parse_member(std::string_view element) {
  const auto refuse = [element](const std::string& reason) {
    return because("element \"" + std::string(element) + "\" " + reason);
  };
  const auto equals = element.find('=');
  if (equals == std::string_view::npos) return refuse("must have the form id=host:port");
  const auto id = parse_number(trim(element.substr(0, equals)), 1, node_id_max);
  if (!id) return refuse("has a bad id: " + id.error());
  const auto address = parse_address(trim(element.substr(equals + 1)));
  if (!address) return refuse("has a bad address: " + address.error());
  return member_address{raft::node_id{*id}, *address};
}

/// The reason why `added` cannot stand beside `members`.
std::optional<std::string> clash(const std::vector<member_address>& members,
                                 const member_address& added) {
  for (const auto& member : members) {
    if (member.id == added.id) {
      return "id " + to_string(added.id) + " stands twice; give each member an id of its own";
    }
    if (member.address == added.address) {
      return "address " + added.address + " stands twice, for " + to_string(member.id) + " and " +
             to_string(added.id) + "; give each member an address of its own";
    }
  }
  return std::nullopt;
}

}  // namespace

parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  const auto value = digits(text);
  if (value && *value >= least && *value <= most) return *value;
  return because("must be a whole number from " + std::to_string(least) + " to " +
                 std::to_string(most));
}

parsed<bool> parse_switch(std::string_view text) {
  for (const auto* yes : {"true", "1", "yes", "on"}) {
    if (text == yes) return true;
  }
  for (const auto* no : {"false", "0", "no", "off"}) {
    if (text == no) return false;
  }
  return because("must be true or false");
}

parsed<std::size_t> parse_choice(std::string_view text, std::initializer_list<const char*> names) {
  const auto* found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string all;
  for (const auto* name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return because("must be one of " + all);
}

parsed<std::string> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool good = colon != std::string_view::npos && is_host(text.substr(0, colon)) &&
                    parse_number(text.substr(colon + 1), 1, port_max).has_value();
  if (good) return std::string(text);
  return because("must be host:port, with a port from 1 to 65535, as in 127.0.0.1:7101");
}

parsed<std::string> parse_header_name(std::string_view text) {
  const bool good = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_name_character(c) ||
           std::string_view("!#$%&'*+^`|~").find(c) != std::string_view::npos;
  });
  if (good) return std::string(text);
  return because("must be the name of a header: letters, digits and -_.!#$%&'*+^`|~");
}

parsed<std::string> parse_cluster_name(std::string_view text) {
  const bool good = !text.empty() && text.size() <= cluster_name_bytes_max &&
                    std::all_of(text.begin(), text.end(), is_name_character);
  if (good) return std::string(text);
  return because("must be 1 to " + std::to_string(cluster_name_bytes_max) +
                 " letters, digits, '.', '_' or '-'");
}

parsed<std::vector<member_address>> parse_members(std::string_view text) {
  std::vector<member_address> members;
  for (const auto element : split(text, ',')) {
    const auto member = parse_member(element);
    if (!member) return because(member.error());
    if (const auto reason = clash(members, *member)) return because(*reason);
    members.push_back(*member);
  }
  std::sort(members.begin(), members.end(),
            [](const auto& left, const auto& right) { return left.id < right.id; });
  return members;
}

bool is_wildcard(std::string_view address) {
  const auto host = address.substr(0, address.rfind(':'));
  return host == "0.0.0.0" || host == "[::]";
}

bool is_loopback(std::string_view address) {
  const auto host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  // RFC 5735: all of 127.0.0.0/8. A name that merely begins so may resolve to anything.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

}  // namespace troupe::apps

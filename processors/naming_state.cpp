#include "processors/naming_state.hpp"

#include <array>

#include "processors/fixed_width.hpp"

namespace troupe::processors::naming {

namespace {

constexpr char service_space = 's';
constexpr char instance_space = 'i';
constexpr char client_space = 'c';
constexpr std::string_view high_mark_key = "h";

constexpr char record_format = 1;
constexpr unsigned char persistent_bit = 1;
constexpr unsigned char created_by_user_bit = 2;

std::string joined(char space, const service& s) {
  std::string out(1, space);
  out.append(s.namespace_id).push_back('\0');
  out.append(s.service_group).push_back('\0');
  return out.append(s.name);
}

/// The names behind the space of a key, of which there must be so many.
template <std::size_t Count>
std::optional<std::array<std::string_view, Count>> names_in(std::string_view key, char space) {
  if (key.empty() || key[0] != space) return std::nullopt;
  std::array<std::string_view, Count> out;
  std::size_t from = 1;
  for (std::size_t i = 0; i < Count; ++i) {
    const auto end = key.find('\0', from);
    if ((end == std::string_view::npos) != (i + 1 == Count)) return std::nullopt;
    out[i] = key.substr(from, end - from);
    from = end + 1;
  }
  return out;
}

}  // namespace

std::string service_key(const service& s) {
  return joined(service_space, s);
}

std::string instance_prefix(const service& s) {
  auto out = joined(instance_space, s);
  out.push_back('\0');
  return out;
}

std::string instance_key(const service& s, std::string_view client) {
  return instance_prefix(s).append(client);
}

std::string client_key(std::string_view client, const service& s) {
  std::string out(1, client_space);
  out.append(client).push_back('\0');
  return out.append(joined(service_space, s).substr(1));
}

std::string services_prefix(std::string_view namespace_id, std::string_view service_group) {
  std::string out(1, service_space);
  out.append(namespace_id).push_back('\0');
  if (!service_group.empty()) out.append(service_group).push_back('\0');
  return out;
}

std::optional<service> parse_service_key(std::string_view key) {
  const auto names = names_in<3>(key, service_space);
  if (!names) return std::nullopt;
  const auto& [namespace_id, service_group, name] = *names;
  return service{namespace_id, service_group, name};
}

std::optional<instance_name> parse_instance_key(std::string_view key) {
  const auto names = names_in<4>(key, instance_space);
  if (!names) return std::nullopt;
  const auto& [namespace_id, service_group, name, client] = *names;
  return instance_name{{namespace_id, service_group, name}, client};
}

std::string encode_record(const service_record& r) {
  std::string out(1, record_format);
  out.push_back(static_cast<char>((r.persistent ? persistent_bit : 0) |
                                  (r.created_by_user ? created_by_user_bit : 0)));
  append_fixed(out, r.instances);
  append_fixed(out, r.revision.value());
  append_fixed(out, r.changed_ms);
  return out;
}

std::optional<service_record> decode_service_record(std::string_view stored) {
  if (stored.size() != 2 + 3 * fixed_bytes || stored[0] != record_format) return std::nullopt;
  const auto bits = static_cast<unsigned char>(stored[1]);
  stored.remove_prefix(2);
  service_record r;
  r.persistent = (bits & persistent_bit) != 0;
  r.created_by_user = (bits & created_by_user_bit) != 0;
  r.instances = read_fixed(stored);
  r.revision = raft::log_index{read_fixed(stored.substr(fixed_bytes))};
  r.changed_ms = read_fixed(stored.substr(2 * fixed_bytes));
  return r;
}

std::uint64_t read_high_mark(const persistence::state_view& view) {
  const auto stored = view.get(high_mark_key);
  return stored && stored->size() == fixed_bytes ? read_fixed(*stored) : 0;
}

void write_high_mark(persistence::state_batch& batch, std::uint64_t mark) {
  std::string out;
  append_fixed(out, mark);
  batch.put(high_mark_key, out);
}

}  // namespace troupe::processors::naming

// naming_state: where the processor of persistent instances keeps what: keys and records of its
// group's state. Knows nothing of the rules that change them.
//
// On disk: do not change. Names hold no NUL byte, so that NUL parts them and keys sort by name.
//   'h'                                        → high mark of change stamps
//   's' namespace NUL group NUL name           → service record
//   'i' namespace NUL group NUL name NUL client → instance record (naming_messages encode_record)
//   'c' client NUL namespace NUL group NUL name → empty; the services that a client is in
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/state.hpp"
#include "processors/naming_messages.hpp"

namespace troupe::processors::naming {

struct service_record {
  bool persistent = true;        ///< false never stands here yet: ephemeral services are node-local
  bool created_by_user = false;  ///< by SERVICE_ADD, not by a first instance
  std::uint64_t instances = 0;
  raft::log_index revision;      ///< index of the last entry that changed the service
  std::uint64_t changed_ms = 0;  ///< see instances_reply::changed_ms
};

std::string service_key(const service& s);
/// All instances of `s` begin with it.
std::string instance_prefix(const service& s);
std::string instance_key(const service& s, std::string_view client);
std::string client_key(std::string_view client, const service& s);
/// All services of a namespace, or of one group of it, begin with it.
std::string services_prefix(std::string_view namespace_id, std::string_view service_group);

/// The names in a service key; nothing when it is none.
std::optional<service> parse_service_key(std::string_view key);

struct instance_name {
  naming::service service;
  std::string_view client;
};
/// Likewise of an instance key.
std::optional<instance_name> parse_instance_key(std::string_view key);

std::string encode_record(const service_record& r);
std::optional<service_record> decode_service_record(std::string_view stored);

/// The highest change stamp that any service ever got.
std::uint64_t read_high_mark(const persistence::state_view& view);
void write_high_mark(persistence::state_batch& batch, std::uint64_t mark);

}  // namespace troupe::processors::naming

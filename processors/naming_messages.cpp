#include "processors/naming_messages.hpp"

#include "processors/naming_fields.hpp"

namespace troupe::processors::naming {

namespace {

/// A full service of instances with some metadata each; our own replies only.
constexpr std::size_t reply_fields_max = std::size_t{1} << 24U;

/// On the wire: never renumber.
enum class operation : std::uint8_t {
  write = operation_write,
  list = 2,
  get = 3,
  services = 4,
  instance = 5
};

constexpr std::uint32_t command_instance_fields = 8;
constexpr std::uint32_t stored_instance_fields = 10;

std::uint64_t number_of(operation o) {
  return static_cast<std::uint64_t>(o);
}

payload_writer begin(payload_kind kind, operation o, std::uint32_t fields) {
  return naming::begin(kind, number_of(o), fields);
}

void expect(payload_reader& r, operation o) {
  naming::expect(r, number_of(o));
}

/// What a proposer says of an instance.
void write_fields(payload_writer& w, const instance& i) {
  w.text(i.ip).integer(i.port).text(i.cluster).boolean(i.healthy).boolean(i.enabled);
  w.number(i.weight).text(i.instance_id).map(static_cast<std::uint32_t>(i.metadata.size()));
  for (const auto& [key, value] : i.metadata) w.text(key).text(value);
}

/// As it stands, with what the processor knows of its health.
void write_stored(payload_writer& w, const instance& i) {
  w.array(stored_instance_fields);
  write_fields(w, i);
  w.integer(i.health_since_ms).text(i.health_reason);
}

metadata read_metadata(payload_reader& r) {
  const auto pairs = r.map("metadata", metadata_pairs_max);
  metadata out;
  out.reserve(pairs);
  std::size_t total = 0;
  for (std::size_t p = 0; p < pairs && r.ok(); ++p) {
    const auto key = r.text("metadata key");
    const auto value = r.text("metadata value");
    total += key.size() + value.size();
    out.emplace_back(key, value);
  }
  if (total > metadata_bytes_max) {
    r.fail("metadata: has more than " + std::to_string(metadata_bytes_max) + " bytes");
  }
  return out;
}

instance read_fields(payload_reader& r) {
  instance i;
  i.ip = read_name(r, "ip", ip_bytes_max);
  i.port = static_cast<std::uint16_t>(r.integer("port", UINT16_MAX));
  i.cluster = read_name(r, "cluster", cluster_bytes_max);
  i.healthy = r.boolean("healthy");
  i.enabled = r.boolean("enabled");
  i.weight = read_between(r, "weight", 0, weight_max);
  i.instance_id = r.text("instance id", instance_id_bytes_max);
  i.metadata = read_metadata(r);
  return i;
}

instance read_stored(payload_reader& r) {
  r.tuple("instance", stored_instance_fields);
  auto i = read_fields(r);
  i.health_since_ms = r.integer("health_since_ms", proposer_ms_max);
  i.health_reason = r.text("health_reason", health_reason_bytes_max);
  return i;
}

}  // namespace

std::string grouped_name(const service& s) {
  return std::string(s.service_group).append("@@").append(s.name);
}

std::string client_id(std::string_view ip, std::uint16_t port) {
  return std::string(ip).append(":").append(std::to_string(port)).append("#false");
}

std::string instance_id(const service& s, const instance& i) {
  if (!i.instance_id.empty()) return std::string(i.instance_id);
  return std::string(i.ip) + '#' + std::to_string(i.port) + '#' + std::string(i.cluster) + '#' +
         grouped_name(s);
}

std::string encode(const command& c) {
  auto w = begin_command(c.verb);
  w.array(4).array(4);
  write(w, c.service);
  w.boolean(c.ephemeral).array(command_instance_fields);
  write_fields(w, c.instance);
  w.boolean(c.keep_health).text(client_id(c.instance.ip, c.instance.port));
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const write_reply& r) {
  auto w = begin(payload_kind::reply, operation::write, 2);
  w.boolean(r.changed).integer(r.revision.value());
  return std::move(w).take();
}

std::string encode(const list_instances& q) {
  auto w = begin(payload_kind::query, operation::list, 4);
  write(w, q.service);
  w.array(static_cast<std::uint32_t>(q.clusters.size()));
  for (const auto cluster : q.clusters) w.text(cluster);
  return std::move(w).take();
}

std::string encode(const get_instance& q) {
  auto w = begin(payload_kind::query, operation::get, 5);
  write(w, q.service);
  w.text(q.ip).integer(q.port);
  return std::move(w).take();
}

std::string encode(const instances_reply& r) {
  auto w = begin(payload_kind::reply, operation::list, 5);
  w.boolean(r.known).integer(r.revision.value()).integer(r.changed_ms).integer(r.total);
  w.array(static_cast<std::uint32_t>(r.instances.size()));
  for (const auto& i : r.instances) write_stored(w, i);
  return std::move(w).take();
}

std::string encode(const list_services& q) {
  auto w = begin(payload_kind::query, operation::services, 5);
  w.text(q.namespace_id).text(q.service_group).text(q.after_group).text(q.after_name);
  w.integer(q.limit);
  return std::move(w).take();
}

std::string encode(const services_reply& r) {
  auto w = begin(payload_kind::reply, operation::services, 2);
  w.boolean(r.more).array(static_cast<std::uint32_t>(r.services.size()));
  for (const auto& s : r.services) {
    w.array(5).text(s.service_group).text(s.name).integer(s.instances);
    w.integer(s.revision.value()).integer(s.changed_ms);
  }
  return std::move(w).take();
}

std::string encode_record(const instance& i) {
  auto w = begin(payload_kind::record, operation::instance, 1);
  write_stored(w, i);
  return std::move(w).take();
}

decoded<std::string_view> decode_verb(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  const auto verb = r.text("verb", verb_bytes_max);
  if (!r.ok()) return raft::unexpected(r.error());
  return verb;
}

decoded<command> decode_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  command c;
  c.verb = r.text("verb", verb_bytes_max);
  r.tuple("request", 4);
  r.tuple("service", 4);
  c.service = read_service(r);
  c.ephemeral = r.boolean("ephemeral");
  r.tuple("instance", command_instance_fields);
  c.instance = read_fields(r);
  c.keep_health = r.boolean("keep_health");
  const auto client = r.text("client id", ip_bytes_max + 16);
  if (r.ok() && client != client_id(c.instance.ip, c.instance.port)) {
    r.fail("client id: is not the one of ip and port");
  }
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<query> decode_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  const auto which = r.integer("operation");
  if (which == number_of(operation::list)) {
    list_instances q;
    q.service = read_service(r);
    const auto count = r.array("clusters", clusters_asked_max);
    for (std::size_t i = 0; i < count && r.ok(); ++i) {
      q.clusters.push_back(r.text("cluster", cluster_bytes_max));
    }
    return finished<query>(r, std::move(q));
  }
  if (which == number_of(operation::get)) {
    get_instance q;
    q.service = read_service(r);
    q.ip = read_name(r, "ip", ip_bytes_max);
    q.port = static_cast<std::uint16_t>(r.integer("port", UINT16_MAX));
    return finished<query>(r, q);
  }
  if (which == number_of(operation::services)) {
    list_services q;
    q.namespace_id = read_name(r, "namespace", namespace_bytes_max);
    q.service_group = read_name(r, "service group", service_group_bytes_max, true);
    q.after_group = read_name(r, "after group", service_group_bytes_max, true);
    q.after_name = read_name(r, "after name", service_name_bytes_max, true);
    q.limit = static_cast<std::uint32_t>(r.integer("limit", list_limit_max));
    if (q.limit == 0) r.fail("limit: is not between 1 and " + std::to_string(list_limit_max));
    return finished<query>(r, q);
  }
  r.fail("operation: " + std::to_string(which) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<write_reply> decode_write_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::write);
  write_reply reply;
  reply.changed = r.boolean("changed");
  reply.revision = raft::log_index{r.integer("revision")};
  return finished(r, reply);
}

decoded<instances_reply> decode_instances_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply, reply_fields_max);
  expect(r, operation::list);
  instances_reply reply;
  reply.known = r.boolean("known");
  reply.revision = raft::log_index{r.integer("revision")};
  reply.changed_ms = r.integer("changed_ms");
  reply.total = r.integer("total");
  const auto count = r.array("instances", instances_per_service_max);
  reply.instances.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) reply.instances.push_back(read_stored(r));
  return finished(r, std::move(reply));
}

decoded<services_reply> decode_services_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::services);
  services_reply reply;
  reply.more = r.boolean("more");
  const auto count = r.array("services", list_limit_max);
  reply.services.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) {
    r.tuple("service", 5);
    service_item s;
    s.service_group = r.text("service group");
    s.name = r.text("service name");
    s.instances = r.integer("instances");
    s.revision = raft::log_index{r.integer("revision")};
    s.changed_ms = r.integer("changed_ms");
    reply.services.push_back(s);
  }
  return finished(r, std::move(reply));
}

decoded<instance> decode_record(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::record);
  expect(r, operation::instance);
  auto i = read_stored(r);
  return finished(r, std::move(i));
}

}  // namespace troupe::processors::naming

#include "processors/naming_settings_messages.hpp"

#include <algorithm>
#include <array>

#include "processors/naming_fields.hpp"

namespace troupe::processors::naming {

namespace {

/// On the wire and on disk: never renumber.
constexpr std::uint64_t operation_settings = 2;

constexpr std::uint32_t settings_fields = 6;
constexpr std::uint32_t cluster_fields = 4;
constexpr std::uint32_t checker_fields = 7;
/// clusters_per_service_max of them, each with as much metadata as it may have.
constexpr std::size_t record_fields_max = std::size_t{1} << 19U;

/// nacos-spec C.13.2
constexpr std::array<std::string_view, 4> checker_types{"TCP", "HTTP", "MYSQL", "NONE"};

void write(payload_writer& w, const health_checker& c) {
  w.array(checker_fields).text(c.type).text(c.path).text(c.headers).integer(c.expected_code);
  w.text(c.user).text(c.password).text(c.command);
}

health_checker read_checker(payload_reader& r) {
  r.tuple("health checker", checker_fields);
  health_checker c;
  c.type = r.text("health checker type");
  if (std::find(checker_types.begin(), checker_types.end(), c.type) == checker_types.end()) {
    r.fail("health checker type: is none of TCP, HTTP, MYSQL and NONE");
  }
  c.path = r.text("health checker path", checker_path_bytes_max);
  c.headers = r.text("health checker headers", checker_headers_bytes_max);
  c.expected_code =
      static_cast<std::uint32_t>(r.integer("health checker expected code", checker_code_max));
  c.user = r.text("health checker user", checker_user_bytes_max);
  c.password = r.text("health checker password", checker_password_bytes_max);
  c.command = r.text("health checker command", checker_command_bytes_max);
  return c;
}

void write(payload_writer& w, const cluster_settings& c) {
  w.array(cluster_fields).integer(c.check_port).boolean(c.use_instance_port);
  write(w, c.checker);
  naming::write(w, c.metadata);
}

cluster_settings read_cluster(payload_reader& r) {
  r.tuple("cluster settings", cluster_fields);
  cluster_settings c;
  c.check_port = static_cast<std::uint16_t>(r.integer("check port", UINT16_MAX));
  c.use_instance_port = r.boolean("use instance port");
  c.checker = read_checker(r);
  c.metadata = read_text_map(r, "cluster metadata");
  return c;
}

void write(payload_writer& w, const service_settings& s) {
  w.array(settings_fields).boolean(s.ephemeral).number(s.protect_threshold);
  w.text(s.selector_type).text(s.selector_expression);
  naming::write(w, s.metadata);
  w.map(static_cast<std::uint32_t>(s.clusters.size()));
  for (const auto& [name, cluster] : s.clusters) {
    w.text(name);
    write(w, cluster);
  }
}

service_settings read_settings(payload_reader& r) {
  r.tuple("settings", settings_fields);
  service_settings s;
  s.ephemeral = r.boolean("ephemeral");
  s.protect_threshold = read_between(r, "protect threshold", 0, 1);
  s.selector_type = read_name(r, "selector type", selector_type_bytes_max);
  s.selector_expression = r.text("selector expression", selector_expression_bytes_max);
  s.metadata = read_text_map(r, "metadata");
  const auto clusters = r.map("clusters", clusters_per_service_max);
  for (std::size_t i = 0; i < clusters && r.ok(); ++i) {
    const std::string name(read_name(r, "cluster", cluster_bytes_max));
    s.clusters.insert_or_assign(name, read_cluster(r));
  }
  return s;
}

void write(payload_writer& w, const settings_record& r) {
  w.integer(r.written_ms);
  write(w, r.settings);
}

settings_record read_record(payload_reader& r) {
  settings_record out;
  out.written_ms = r.integer("written_ms", proposer_ms_max);
  out.settings = read_settings(r);
  return out;
}

}  // namespace

std::string encode(const settings_command& c) {
  const bool deletes = c.verb == verb_delete;
  auto w = begin_command(c.verb);
  w.array(deletes ? 1 : 2).array(3);
  write(w, c.service);
  if (!deletes) write(w, c.settings);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const expire_settings& c) {
  auto w = begin_command(verb_expire);
  w.array(2).integer(c.cutoff_ms);
  write(w, c.services);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const get_settings& q) {
  auto w = begin(payload_kind::query, operation_settings, 3);
  write(w, q.service);
  return std::move(w).take();
}

std::string encode(const settings_reply& r) {
  auto w = begin(payload_kind::reply, operation_settings, 3);
  w.boolean(r.known);
  write(w, r.record);
  return std::move(w).take();
}

std::string encode_record(const settings_record& r) {
  auto w = begin(payload_kind::record, operation_settings, 2);
  write(w, r);
  return std::move(w).take();
}

decoded<settings_command> decode_settings_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command, record_fields_max);
  settings_command c;
  c.verb = r.text("verb", verb_bytes_max);
  const bool deletes = c.verb == verb_delete;
  r.tuple("request", deletes ? 1 : 2);
  r.tuple("service", 3);
  c.service = read_service(r);
  if (!deletes) c.settings = read_settings(r);
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<expire_settings> decode_expire_settings(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  expect_verb(r, verb_expire);
  r.tuple("request", 2);
  expire_settings c;
  c.cutoff_ms = r.integer("cutoff_ms", proposer_ms_max);
  c.services = read_services(r, expired_settings_max);
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<get_settings> decode_settings_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  expect(r, operation_settings);
  get_settings q;
  q.service = read_service(r);
  return finished(r, q);
}

decoded<settings_reply> decode_settings_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply, record_fields_max);
  expect(r, operation_settings);
  settings_reply reply;
  reply.known = r.boolean("known");
  reply.record = read_record(r);
  return finished(r, std::move(reply));
}

decoded<settings_record> decode_settings_record(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::record, record_fields_max);
  expect(r, operation_settings);
  auto record = read_record(r);
  return finished(r, std::move(record));
}

}  // namespace troupe::processors::naming

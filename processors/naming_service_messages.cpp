#include "processors/naming_service_messages.hpp"

#include "processors/naming_fields.hpp"

namespace troupe::processors::naming {

namespace {

constexpr std::uint32_t health_change_fields = 8;

void write(payload_writer& w, const health_change& c) {
  w.array(health_change_fields);
  naming::write(w, c.service);
  w.text(c.ip).integer(c.port).text(c.cluster).boolean(c.healthy).text(c.reason);
}

health_change read_health_change(payload_reader& r) {
  r.tuple("change", health_change_fields);
  health_change c;
  c.service = read_service(r);
  c.ip = read_name(r, "ip", ip_bytes_max);
  c.port = static_cast<std::uint16_t>(r.integer("port", UINT16_MAX));
  c.cluster = read_name(r, "cluster", cluster_bytes_max);
  c.healthy = r.boolean("healthy");
  c.reason = r.text("health_reason", health_reason_bytes_max);
  return c;
}

}  // namespace

std::string encode(const service_command& c) {
  auto w = begin_command(c.verb);
  w.array(3);
  write(w, c.service);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const expire_services& c) {
  auto w = begin_command(verb_service_expire);
  w.array(2).integer(c.cutoff_ms);
  write(w, c.services);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const change_health& c) {
  auto w = begin_command(verb_health);
  w.array(static_cast<std::uint32_t>(c.changes.size()));
  for (const auto& change : c.changes) write(w, change);
  write(w, c.stamp);
  return std::move(w).take();
}

decoded<service_command> decode_service_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  service_command c;
  c.verb = r.text("verb", verb_bytes_max);
  r.tuple("request", 3);
  c.service = read_service(r);
  c.stamp = read_stamp(r);
  return finished(r, c);
}

decoded<expire_services> decode_expire_services(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  expect_verb(r, verb_service_expire);
  r.tuple("request", 2);
  expire_services c;
  c.cutoff_ms = r.integer("cutoff_ms", proposer_ms_max);
  c.services = read_services(r, expired_services_max);
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<change_health> decode_change_health(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  expect_verb(r, verb_health);
  change_health c;
  const auto count = r.array("changes", health_changes_max);
  c.changes.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) c.changes.push_back(read_health_change(r));
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

std::string service_exists_text(const service& s) {
  return "specified service " + grouped_name(s) + " already exists!";
}

std::string service_not_found_text(const service& s) {
  return "service " + grouped_name(s) + " not found!";
}

std::string service_not_empty_text(const service& s) {
  return "Service " + grouped_name(s) +
         " is not empty, can't be delete. Please unregister instance first";
}

}  // namespace troupe::processors::naming

#include "processors/naming_fields.hpp"

#include <cmath>

namespace troupe::processors::naming {

payload_writer begin(payload_kind kind, std::uint64_t operation, std::uint32_t fields) {
  payload_writer w(format_version, kind, fields + 1);
  w.integer(operation);
  return w;
}

void expect(payload_reader& r, std::uint64_t operation) {
  if (r.integer("operation") != operation) r.fail("operation: answers something else");
}

payload_writer begin_command(std::string_view verb) {
  payload_writer w(format_version, payload_kind::command, 3);
  w.text(verb);
  return w;
}

void expect_verb(payload_reader& r, std::string_view verb) {
  if (r.text("verb", verb_bytes_max) != verb) r.fail("verb: is not " + std::string(verb));
}

std::string_view read_name(payload_reader& r, std::string_view field, std::size_t bytes_max,
                           bool may_be_empty) {
  const auto text = r.text(field, bytes_max);
  if (text.empty() && !may_be_empty) r.fail(std::string(field) + ": is empty");
  if (text.find('\0') != std::string_view::npos) r.fail(std::string(field) + ": holds a NUL byte");
  return text;
}

double read_between(payload_reader& r, std::string_view field, double least, double most) {
  const auto value = r.number(field);
  if (std::isnan(value) || value < least || value > most) {
    r.fail(std::string(field) + ": is not between " + std::to_string(std::lround(least)) + " and " +
           std::to_string(std::lround(most)));
    return least;
  }
  return value;
}

void write(payload_writer& w, const service& s) {
  w.text(s.namespace_id).text(s.service_group).text(s.name);
}

service read_service(payload_reader& r) {
  service s;
  s.namespace_id = read_name(r, "namespace", namespace_bytes_max);
  s.service_group = read_name(r, "service group", service_group_bytes_max);
  s.name = read_name(r, "service name", service_name_bytes_max);
  return s;
}

void write(payload_writer& w, const std::vector<service>& services) {
  w.array(static_cast<std::uint32_t>(services.size()));
  for (const auto& s : services) {
    w.array(3);
    write(w, s);
  }
}

std::vector<service> read_services(payload_reader& r, std::size_t services_max) {
  const auto count = r.array("services", services_max);
  std::vector<service> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) {
    r.tuple("service", 3);
    out.push_back(read_service(r));
  }
  return out;
}

void write(payload_writer& w, const text_map& map) {
  w.map(static_cast<std::uint32_t>(map.size()));
  for (const auto& [key, value] : map) w.text(key).text(value);
}

text_map read_text_map(payload_reader& r, std::string_view field) {
  const auto pairs = r.map(field, metadata_pairs_max);
  text_map out;
  std::size_t total = 0;
  for (std::size_t p = 0; p < pairs && r.ok(); ++p) {
    const auto key = r.text(field);
    const auto value = r.text(field);
    total += key.size() + value.size();
    out.insert_or_assign(std::string(key), value);
  }
  if (total > metadata_bytes_max) {
    r.fail(std::string(field) + ": has more than " + std::to_string(metadata_bytes_max) + " bytes");
  }
  return out;
}

void write(payload_writer& w, const stamp& s) {
  w.array(3).integer(s.proposer_ms).integer(s.request_id).integer(s.node.value());
}

stamp read_stamp(payload_reader& r) {
  r.tuple("stamp", 3);
  stamp s;
  s.proposer_ms = r.integer("proposer_ms", proposer_ms_max);
  s.request_id = r.integer("request id");
  s.node = raft::node_id{r.integer("node id")};
  return s;
}

}  // namespace troupe::processors::naming

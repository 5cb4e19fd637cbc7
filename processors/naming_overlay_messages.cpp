#include "processors/naming_overlay_messages.hpp"

#include "processors/naming_fields.hpp"

namespace troupe::processors::naming {

namespace {

/// On the wire and on disk: never renumber.
constexpr std::uint64_t operation_overlay = 2;

constexpr std::uint32_t overlay_fields = 3;
constexpr std::uint32_t patch_fields = 6;

std::string_view read_tag(payload_reader& r) {
  return read_name(r, "tag", tag_bytes_max);
}

/// Four texts, not an array of them.
void write(payload_writer& w, const overlay_name& n) {
  naming::write(w, n.service);
  w.text(n.tag);
}

overlay_name read_overlay_name(payload_reader& r) {
  overlay_name n;
  n.service = read_service(r);
  n.tag = read_tag(r);
  return n;
}

/// What may be unset is an array of none or one.
template <class Read>
auto read_optional(payload_reader& r, std::string_view field, Read&& read) {
  using value = decltype(read());
  return r.array(field, 1) == 1 ? std::optional<value>(read()) : std::nullopt;
}

/// Two such arrays: what overlays and changes of overlays may set.
void write_set(payload_writer& w, std::optional<bool> enabled, std::optional<double> weight) {
  w.array(enabled ? 1 : 0);
  if (enabled) w.boolean(*enabled);
  w.array(weight ? 1 : 0);
  if (weight) w.number(*weight);
}

template <class Overlay>
void read_set(payload_reader& r, Overlay& to) {
  to.enabled = read_optional(r, "enabled", [&] { return r.boolean("enabled"); });
  to.weight = read_optional(r, "weight", [&] { return read_between(r, "weight", 0, weight_max); });
}

void write(payload_writer& w, const instance_overlay& o) {
  w.array(overlay_fields);
  write_set(w, o.enabled, o.weight);
  naming::write(w, o.metadata);
}

instance_overlay read_overlay(payload_reader& r) {
  r.tuple("overlay", overlay_fields);
  instance_overlay o;
  read_set(r, o);
  o.metadata = read_text_map(r, "metadata");
  return o;
}

void write(payload_writer& w, const overlay_record& r) {
  w.integer(r.written_ms);
  write(w, r.overlay);
}

overlay_record read_record(payload_reader& r) {
  overlay_record out;
  out.written_ms = r.integer("written_ms", proposer_ms_max);
  out.overlay = read_overlay(r);
  return out;
}

}  // namespace

std::string overlay_tag(std::string_view ip, std::uint16_t port, std::string_view cluster) {
  return std::string(ip).append(":").append(std::to_string(port)).append(":").append(cluster);
}

instance_overlay changed(instance_overlay before, const overlay_change& change) {
  if (change.enabled) before.enabled = change.enabled;
  if (change.weight) before.weight = change.weight;
  switch (change.edit) {
    case metadata_edit::keep:
      break;
    case metadata_edit::replace:
      before.metadata = change.metadata;
      break;
    case metadata_edit::merge:
      for (const auto& [key, value] : change.metadata) before.metadata[key] = value;
      break;
    case metadata_edit::remove:
      for (const auto& [key, value] : change.metadata) before.metadata.erase(key);
      break;
  }
  return before;
}

std::string encode(const overlay_command& c) {
  const bool deletes = c.verb == verb_delete;
  auto w = begin_command(c.verb);
  w.array(deletes ? 1 : 2).array(4);
  write(w, overlay_name{c.service, c.tag});
  if (!deletes) write(w, c.overlay);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const patch_overlays& c) {
  auto w = begin_command(verb_patch);
  w.array(patch_fields).array(3);
  write(w, c.service);
  w.array(static_cast<std::uint32_t>(c.tags.size()));
  for (const auto tag : c.tags) w.text(tag);
  write_set(w, c.change.enabled, c.change.weight);
  w.integer(static_cast<std::uint64_t>(c.change.edit));
  write(w, c.change.metadata);
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const expire_overlays& c) {
  auto w = begin_command(verb_expire);
  w.array(2).integer(c.cutoff_ms).array(static_cast<std::uint32_t>(c.overlays.size()));
  for (const auto& name : c.overlays) {
    w.array(4);
    write(w, name);
  }
  write(w, c.stamp);
  return std::move(w).take();
}

std::string encode(const get_overlay& q) {
  auto w = begin(payload_kind::query, operation_overlay, 4);
  write(w, q.name);
  return std::move(w).take();
}

std::string encode(const overlay_reply& r) {
  auto w = begin(payload_kind::reply, operation_overlay, 3);
  w.boolean(r.known);
  write(w, r.record);
  return std::move(w).take();
}

std::string encode_record(const overlay_record& r) {
  auto w = begin(payload_kind::record, operation_overlay, 2);
  write(w, r);
  return std::move(w).take();
}

decoded<overlay_command> decode_overlay_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  overlay_command c;
  c.verb = r.text("verb", verb_bytes_max);
  const bool deletes = c.verb == verb_delete;
  r.tuple("request", deletes ? 1 : 2);
  r.tuple("overlay name", 4);
  const auto name = read_overlay_name(r);
  c.service = name.service;
  c.tag = name.tag;
  if (!deletes) c.overlay = read_overlay(r);
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<patch_overlays> decode_patch_overlays(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  expect_verb(r, verb_patch);
  r.tuple("request", patch_fields);
  r.tuple("service", 3);
  patch_overlays c;
  c.service = read_service(r);
  const auto count = r.array("tags", patched_instances_max);
  c.tags.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) c.tags.push_back(read_tag(r));
  read_set(r, c.change);
  c.change.edit = static_cast<metadata_edit>(
      r.integer("metadata edit", static_cast<std::uint64_t>(metadata_edit::remove)));
  c.change.metadata = read_text_map(r, "metadata");
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<expire_overlays> decode_expire_overlays(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  expect_verb(r, verb_expire);
  r.tuple("request", 2);
  expire_overlays c;
  c.cutoff_ms = r.integer("cutoff_ms", proposer_ms_max);
  const auto count = r.array("overlays", expired_overlays_max);
  c.overlays.reserve(count);
  for (std::size_t i = 0; i < count && r.ok(); ++i) {
    r.tuple("overlay name", 4);
    c.overlays.push_back(read_overlay_name(r));
  }
  c.stamp = read_stamp(r);
  return finished(r, std::move(c));
}

decoded<get_overlay> decode_overlay_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  expect(r, operation_overlay);
  get_overlay q;
  q.name = read_overlay_name(r);
  return finished(r, q);
}

decoded<overlay_reply> decode_overlay_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation_overlay);
  overlay_reply reply;
  reply.known = r.boolean("known");
  reply.record = read_record(r);
  return finished(r, std::move(reply));
}

decoded<overlay_record> decode_overlay_record(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::record);
  expect(r, operation_overlay);
  auto record = read_record(r);
  return finished(r, std::move(record));
}

}  // namespace troupe::processors::naming

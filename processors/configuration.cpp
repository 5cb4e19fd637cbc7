#include "processors/configuration.hpp"

#include "processors/payload.hpp"
#include "raft/expected.hpp"

namespace troupe::processors {

namespace {

constexpr std::size_t verb_bytes_max = 64;

raft::expected<std::string_view, codec::decode_error> verb_of(std::string_view bytes,
                                                              payload_kind kind) {
  payload_reader r(bytes, configuration_format, kind);
  const auto verb = r.text("verb", verb_bytes_max);
  if (!r.ok()) return raft::unexpected(r.error());
  return verb;
}

reply operation_failed(const std::string& detail) {
  return reply::refused("Configuration operation failed. " + detail);
}

reply unknown(std::string_view verb) {
  return operation_failed("verb: " + std::string(verb) + " is unknown");
}

}  // namespace

configuration_part* configuration::part_for(std::string_view verb) const {
  for (const auto& p : parts_) {
    if (p->understands(verb)) return p.get();
  }
  return nullptr;
}

reply configuration::apply(const command& entry, persistence::state_batch& batch) {
  const auto verb = verb_of(entry.data.view(), payload_kind::command);
  if (!verb) return operation_failed(verb.error().what);
  auto* part = part_for(*verb);
  return part == nullptr ? unknown(*verb) : part->apply(entry, batch);
}

reply configuration::query(std::string_view request, const persistence::state_view& view) const {
  const auto verb = verb_of(request, payload_kind::query);
  if (!verb) return operation_failed(verb.error().what);
  const auto* part = part_for(*verb);
  return part == nullptr ? unknown(*verb) : part->query(request, view);
}

bool configuration::query_may_scan(std::string_view request) const {
  const auto verb = verb_of(request, payload_kind::query);
  if (!verb) return false;
  const auto* part = part_for(*verb);
  return part != nullptr && part->query_may_scan(*verb);
}

void configuration::loaded(const persistence::state_view& view) {
  for (const auto& p : parts_) p->loaded(view);
}

void configuration::committed() {
  for (const auto& p : parts_) p->committed();
}

}  // namespace troupe::processors

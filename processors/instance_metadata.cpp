#include "processors/instance_metadata.hpp"

#include <optional>
#include <utility>

#include "processors/naming_state.hpp"

namespace troupe::processors {

namespace {

using naming::instance_overlay;
using naming::overlay_record;

reply overlay_failed(const std::string& detail) {
  return reply::refused("Instance metadata operation failed. " + detail);
}

reply malformed_overlay() {
  return overlay_failed("a stored record has an unknown form");
}

reply overlay_written(bool changed, raft::log_index index) {
  return reply::ok(
      naming::encode(naming::write_reply{changed, changed ? index : raft::log_index{}}));
}

/// What stands under a key; `well_formed` is false when it cannot be read.
struct standing_overlay {
  bool well_formed = true;
  std::optional<overlay_record> record;
};

standing_overlay overlay_at(const persistence::state_view& view, std::string_view key) {
  const auto stored = view.get(key);
  if (!stored) return {};
  auto record = naming::decode_overlay_record(*stored);
  if (!record) return {false, {}};
  return {true, std::move(*record)};
}

/// Also when nothing differs the write is stamped: it must outlive an EXPIRE that was on its way.
reply put_overlay(const naming::overlay_command& c, raft::log_index index,
                  persistence::state_batch& batch) {
  const auto key = naming::instance_key(c.service, c.tag);
  const auto before = overlay_at(batch, key);
  if (!before.well_formed) return malformed_overlay();
  batch.put(key, naming::encode_record(overlay_record{c.overlay, c.stamp.proposer_ms}));
  return overlay_written(!before.record || before.record->overlay != c.overlay, index);
}

reply delete_overlay(const naming::overlay_command& c, raft::log_index index,
                     persistence::state_batch& batch) {
  const auto key = naming::instance_key(c.service, c.tag);
  if (!batch.get(key)) return overlay_written(false, index);
  batch.erase(key);
  return overlay_written(true, index);
}

bool within_limits(const naming::text_map& metadata) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size();
  return metadata.size() <= naming::metadata_pairs_max && bytes <= naming::metadata_bytes_max;
}

reply patch(const naming::patch_overlays& c, raft::log_index index,
            persistence::state_batch& batch) {
  bool has_changed = false;
  for (const auto tag : c.tags) {
    const auto key = naming::instance_key(c.service, tag);
    const auto before = overlay_at(batch, key);
    if (!before.well_formed) return malformed_overlay();
    const auto standing = before.record ? before.record->overlay : instance_overlay{};
    const auto next = naming::changed(standing, c.change);
    if (next == instance_overlay{}) {
      if (before.record) batch.erase(key);
      has_changed = has_changed || before.record;
      continue;
    }
    if (!within_limits(next.metadata)) {
      return overlay_failed("metadata: " + std::string(tag) + " would have more than " +
                            std::to_string(naming::metadata_pairs_max) + " pairs or " +
                            std::to_string(naming::metadata_bytes_max) + " bytes");
    }
    batch.put(key, naming::encode_record(overlay_record{next, c.stamp.proposer_ms}));
    has_changed = has_changed || next != standing;
  }
  return overlay_written(has_changed, index);
}

reply expire(const naming::expire_overlays& c, raft::log_index index,
             persistence::state_batch& batch) {
  bool changed = false;
  for (const auto& name : c.overlays) {
    const auto key = naming::instance_key(name.service, name.tag);
    const auto found = overlay_at(batch, key);
    if (!found.well_formed) return malformed_overlay();
    if (!found.record || found.record->written_ms >= c.cutoff_ms) continue;
    batch.erase(key);
    changed = true;
  }
  return overlay_written(changed, index);
}

}  // namespace

reply instance_metadata::change(const command& entry, persistence::state_batch& batch) {
  const auto bytes = entry.data.view();
  const auto verb = naming::decode_verb(bytes);
  if (!verb) return overlay_failed(verb.error().what);
  if (*verb == naming::verb_patch) {
    const auto c = naming::decode_patch_overlays(bytes);
    return c ? patch(*c, entry.index, batch) : overlay_failed(c.error().what);
  }
  if (*verb == naming::verb_expire) {
    const auto c = naming::decode_expire_overlays(bytes);
    return c ? expire(*c, entry.index, batch) : overlay_failed(c.error().what);
  }
  const bool deletes = *verb == naming::verb_delete;
  if (!deletes && *verb != naming::verb_add && *verb != naming::verb_change) {
    return reply::refused("Unsupported operation " + std::string(*verb));
  }
  const auto c = naming::decode_overlay_command(bytes);
  if (!c) return overlay_failed(c.error().what);
  return deletes ? delete_overlay(*c, entry.index, batch) : put_overlay(*c, entry.index, batch);
}

reply instance_metadata::query(std::string_view request,
                               const persistence::state_view& view) const {
  const auto q = naming::decode_overlay_query(request);
  if (!q) return overlay_failed(q.error().what);
  auto found = overlay_at(view, naming::instance_key(q->name.service, q->name.tag));
  if (!found.well_formed) return malformed_overlay();
  if (!found.record) return reply::ok(naming::encode(naming::overlay_reply{}));
  return reply::ok(naming::encode(naming::overlay_reply{true, std::move(*found.record)}));
}

bool instance_metadata::tell(naming::naming_observer& to, std::string_view key,
                             value_view value) const {
  const auto name = naming::parse_instance_key(key);
  if (!name) return false;
  if (!value) return to.overlay_erased(name->service, name->client), true;
  const auto record = naming::decode_overlay_record(*value);
  if (record) to.overlay_put(name->service, name->client, record->overlay);
  return record.has_value();
}

}  // namespace troupe::processors

#include "processors/service_metadata.hpp"

#include <utility>

#include "processors/naming_state.hpp"

namespace troupe::processors {

namespace {

using naming::service_settings;
using naming::settings_record;

reply settings_failed(const std::string& detail) {
  return reply::refused("Service metadata operation failed. " + detail);
}

reply malformed_settings() {
  return settings_failed("a stored record has an unknown form");
}

reply settings_written(bool changed, raft::log_index index) {
  return reply::ok(
      naming::encode(naming::write_reply{changed, changed ? index : raft::log_index{}}));
}

/// ADD where there is a record: the clusters given are put over those that stand.
service_settings with_clusters(const service_settings& before, const service_settings& given) {
  auto out = before;
  out.ephemeral = given.ephemeral;
  for (const auto& [name, cluster] : given.clusters) out.clusters[name] = cluster;
  return out;
}

/// CHANGE where there is a record: everything but the clusters.
service_settings without_clusters(const service_settings& before, const service_settings& given) {
  auto out = given;
  out.clusters = before.clusters;
  return out;
}

/// Also when nothing differs the write is stamped: it must outlive an EXPIRE that was on its way.
reply put_settings(const naming::settings_command& c, raft::log_index index,
                   persistence::state_batch& batch) {
  const auto key = naming::service_key(c.service);
  settings_record next{c.settings, c.stamp.proposer_ms};
  bool changed = true;
  if (const auto stored = batch.get(key)) {
    const auto before = naming::decode_settings_record(*stored);
    if (!before) return malformed_settings();
    next.settings = c.verb == naming::verb_add ? with_clusters(before->settings, c.settings)
                                               : without_clusters(before->settings, c.settings);
    changed = next.settings != before->settings;
  }
  if (next.settings.clusters.size() > naming::clusters_per_service_max) {
    return settings_failed("clusters: the service would have more than " +
                           std::to_string(naming::clusters_per_service_max));
  }
  batch.put(key, naming::encode_record(next));
  return settings_written(changed, index);
}

reply delete_settings(const naming::settings_command& c, raft::log_index index,
                      persistence::state_batch& batch) {
  const auto key = naming::service_key(c.service);
  if (!batch.get(key)) return settings_written(false, index);
  batch.erase(key);
  return settings_written(true, index);
}

reply expire_settings(const naming::expire_settings& c, raft::log_index index,
                      persistence::state_batch& batch) {
  bool changed = false;
  for (const auto& s : c.services) {
    const auto key = naming::service_key(s);
    const auto stored = batch.get(key);
    if (!stored) continue;
    const auto record = naming::decode_settings_record(*stored);
    if (!record) return malformed_settings();
    if (record->written_ms >= c.cutoff_ms) continue;
    batch.erase(key);
    changed = true;
  }
  return settings_written(changed, index);
}

}  // namespace

reply service_metadata::change(const command& entry, persistence::state_batch& batch) {
  const auto bytes = entry.data.view();
  const auto verb = naming::decode_verb(bytes);
  if (!verb) return settings_failed(verb.error().what);
  if (*verb == naming::verb_expire) {
    const auto c = naming::decode_expire_settings(bytes);
    return c ? expire_settings(*c, entry.index, batch) : settings_failed(c.error().what);
  }
  const bool deletes = *verb == naming::verb_delete;
  if (!deletes && *verb != naming::verb_add && *verb != naming::verb_change) {
    return reply::refused("Unsupported operation " + std::string(*verb));
  }
  const auto c = naming::decode_settings_command(bytes);
  if (!c) return settings_failed(c.error().what);
  return deletes ? delete_settings(*c, entry.index, batch) : put_settings(*c, entry.index, batch);
}

reply service_metadata::query(std::string_view request, const persistence::state_view& view) const {
  const auto q = naming::decode_settings_query(request);
  if (!q) return settings_failed(q.error().what);
  const auto stored = view.get(naming::service_key(q->service));
  if (!stored) return reply::ok(naming::encode(naming::settings_reply{}));
  auto record = naming::decode_settings_record(*stored);
  if (!record) return malformed_settings();
  return reply::ok(naming::encode(naming::settings_reply{true, std::move(*record)}));
}

bool service_metadata::tell(naming::naming_observer& to, std::string_view key,
                            value_view value) const {
  const auto s = naming::parse_service_key(key);
  if (!s) return false;
  if (!value) return to.settings_erased(*s), true;
  const auto record = naming::decode_settings_record(*value);
  if (record) to.settings_put(*s, record->settings);
  return record.has_value();
}

}  // namespace troupe::processors

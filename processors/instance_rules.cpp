#include "processors/instance_rules.hpp"

#include <map>
#include <optional>
#include <utility>

#include "processors/service_standing.hpp"

namespace troupe::processors {

namespace {

/// nacos-spec C.12.1: a service is either ephemeral or persistent, texts as Nacos has them.
reply mixed(const naming::service& s, bool persistent) {
  return reply::refused("errCode: 400, errMsg: Current service " + naming::grouped_name(s) +
                        (persistent
                             ? " is persistent service, can't register ephemeral instance. "
                             : " is ephemeral service, can't register persistent instance. "));
}

/// The instance as it is to stand when `before` stood there.
naming::instance merged(const naming::command& c, const naming::instance& before) {
  auto next = c.instance;
  // In another cluster it is another instance, of which nobody knows the health yet.
  if (before.cluster != next.cluster) return next;
  const bool adds = c.verb == naming::verb_add;
  if (adds && c.keep_health) next.healthy = before.healthy;
  if (next.healthy == before.healthy) {
    next.health_since_ms = before.health_since_ms;
    next.health_reason = before.health_reason;
  } else {
    next.health_since_ms = c.stamp.proposer_ms;
    next.health_reason = adds ? "registered again" : "changed on request";
  }
  return next;
}

}  // namespace

reply put_instance(const naming::command& c, raft::log_index index,
                   persistence::state_batch& batch) {
  auto found = look_up(batch, c.service);
  if (!found.well_formed) return malformed_state();
  auto& record = found.record;
  if (found.known && record.persistent == c.ephemeral) return mixed(c.service, record.persistent);
  if (c.ephemeral) return operation_failed("ephemeral instances do not belong into this group");

  const auto client = naming::client_id(c.instance.ip, c.instance.port);
  const auto key = naming::instance_key(c.service, client);
  const auto stored = batch.get(key);
  if (!stored && c.verb == naming::verb_change) return written(false, record.revision);

  auto next = c.instance;
  if (stored) {
    const auto before = naming::decode_record(*stored);
    if (!before) return malformed_state();
    next = merged(c, *before);
  }
  const auto bytes = naming::encode_record(next);
  if (stored == bytes) return written(false, record.revision);

  if (!stored) {
    if (record.instances >= naming::instances_per_service_max) {
      return operation_failed("service " + naming::grouped_name(c.service) + " has " +
                              std::to_string(record.instances) + " instances already");
    }
    ++record.instances;
    batch.put(naming::client_key(client, c.service), {});
  }
  batch.put(key, bytes);
  touch(batch, c.service, c.stamp, index, record);
  return written(true, record.revision);
}

reply remove_instance(const naming::command& c, raft::log_index index,
                      persistence::state_batch& batch) {
  auto found = look_up(batch, c.service);
  if (!found.well_formed) return malformed_state();
  const auto client = naming::client_id(c.instance.ip, c.instance.port);
  const auto key = naming::instance_key(c.service, client);
  if (!found.known || !batch.get(key)) return written(false, found.record.revision);
  batch.erase(key);
  batch.erase(naming::client_key(client, c.service));
  if (found.record.instances > 0) --found.record.instances;
  touch(batch, c.service, c.stamp, index, found.record);
  return written(true, found.record.revision);
}

reply change_health(const naming::change_health& c, raft::log_index index,
                    persistence::state_batch& batch) {
  std::map<std::string, naming::service> touched;  // by key: stamped in an order of its own
  for (const auto& change : c.changes) {
    const auto key =
        naming::instance_key(change.service, naming::client_id(change.ip, change.port));
    const auto stored = batch.get(key);
    if (!stored) continue;
    auto instance = naming::decode_record(*stored);
    if (!instance) return malformed_state();
    if (instance->cluster != change.cluster || instance->healthy == change.healthy) continue;
    instance->healthy = change.healthy;
    instance->health_since_ms = c.stamp.proposer_ms;
    instance->health_reason = change.reason;
    batch.put(key, naming::encode_record(*instance));
    touched.emplace(naming::service_key(change.service), change.service);
  }
  for (const auto& [key, service] : touched) {
    auto found = look_up(batch, service);
    if (!found.known || !found.well_formed) return malformed_state();
    touch(batch, service, c.stamp, index, found.record);
  }
  return written(!touched.empty(), touched.empty() ? raft::log_index{} : index);
}

}  // namespace troupe::processors

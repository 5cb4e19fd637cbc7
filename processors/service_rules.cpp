#include "processors/service_rules.hpp"

#include "processors/service_standing.hpp"

namespace troupe::processors {

namespace {

/// Its stamp is used up: who asks for an unknown service must not be told an older one.
void erase(persistence::state_batch& batch, const naming::service& s, const naming::stamp& stamp) {
  batch.erase(naming::service_key(s));
  next_mark(batch, stamp.proposer_ms);
}

}  // namespace

reply add_service(const naming::service_command& c, raft::log_index index,
                  persistence::state_batch& batch) {
  auto found = look_up(batch, c.service);
  if (found.known) return reply::refused(naming::service_exists_text(c.service));
  found.record.created_by_user = true;
  touch(batch, c.service, c.stamp, index, found.record);
  return written(true, found.record.revision);
}

reply remove_service(const naming::service_command& c, persistence::state_batch& batch) {
  const auto found = look_up(batch, c.service);
  if (!found.known) return reply::refused(naming::service_not_found_text(c.service));
  if (!found.well_formed) return malformed_state();
  if (found.record.instances > 0) {
    return reply::refused(naming::service_not_empty_text(c.service));
  }
  erase(batch, c.service, c.stamp);
  return written(true, {});
}

reply expire_services(const naming::expire_services& c, raft::log_index index,
                      persistence::state_batch& batch) {
  bool changed = false;
  for (const auto& s : c.services) {
    const auto found = look_up(batch, s);
    if (!found.known) continue;
    if (!found.well_formed) return malformed_state();
    const auto& record = found.record;
    if (record.instances > 0 || record.created_by_user) continue;
    if (record.changed_ms >= c.cutoff_ms) continue;
    erase(batch, s, c.stamp);
    changed = true;
  }
  return written(changed, changed ? index : raft::log_index{});
}

}  // namespace troupe::processors

#include "processors/persistent_instances.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "processors/naming_state.hpp"

namespace troupe::processors {

namespace {

using naming::service_record;

/// Verbs of the protocol that mean nothing to this group (nacos-spec E.1.2), and reserved ones.
constexpr std::array<std::string_view, 6> without_meaning{"VERIFY",
                                                          "SNAPSHOT",
                                                          "QUERY",
                                                          naming::verb_service_add,
                                                          naming::verb_service_remove,
                                                          naming::verb_service_expire};

reply operation_failed(const std::string& detail) {
  return reply::refused("Persistent client operation failed. " + detail);
}

reply malformed_state() {
  return operation_failed("a stored record has an unknown form");
}

reply done(bool changed, const service_record& r) {
  return reply::ok(naming::encode(naming::write_reply{changed, r.revision}));
}

/// nacos-spec C.12.1: a service is either ephemeral or persistent, texts as Nacos has them.
reply mixed(const naming::service& s, bool persistent) {
  return reply::refused("errCode: 400, errMsg: Current service " + naming::grouped_name(s) +
                        (persistent
                             ? " is persistent service, can't register ephemeral instance. "
                             : " is ephemeral service, can't register persistent instance. "));
}

/// What stands about a service; `well_formed` is false when a record cannot be read.
struct standing {
  bool known = false;
  bool well_formed = true;
  service_record record;
};

standing look_up(const persistence::state_view& view, const naming::service& s) {
  const auto stored = view.get(naming::service_key(s));
  if (!stored) return {};
  const auto record = naming::decode_service_record(*stored);
  if (!record) return {true, false, {}};
  return {true, true, *record};
}

/// Gives the service a stamp above every earlier one of the group, so that what clients compare
/// rises even when proposers' clocks disagree, or a service went and came back.
void touch(persistence::state_batch& batch, const naming::command& c, raft::log_index index,
           service_record& record) {
  const auto mark = std::max(c.stamp.proposer_ms, naming::read_high_mark(batch) + 1);
  naming::write_high_mark(batch, mark);
  record.changed_ms = mark;
  record.revision = index;
  batch.put(naming::service_key(c.service), naming::encode_record(record));
}

/// ADD, and CHANGE of what exists.
reply upsert(const naming::command& c, raft::log_index index, persistence::state_batch& batch) {
  auto found = look_up(batch, c.service);
  if (!found.well_formed) return malformed_state();
  auto& record = found.record;
  if (found.known && record.persistent == c.ephemeral) return mixed(c.service, record.persistent);
  if (c.ephemeral) return operation_failed("ephemeral instances do not belong into this group");

  const auto client = naming::client_id(c.instance.ip, c.instance.port);
  const auto key = naming::instance_key(c.service, client);
  const auto stored = batch.get(key);
  if (!stored && c.verb == naming::verb_change) return done(false, record);

  auto next = c.instance;
  if (stored && c.keep_health && c.verb == naming::verb_add) {
    const auto standing_instance = naming::decode_record(*stored);
    if (!standing_instance) return malformed_state();
    // With another cluster it is another instance, of which nobody knows the health yet.
    if (standing_instance->cluster == next.cluster) next.healthy = standing_instance->healthy;
  }
  const auto bytes = naming::encode_record(next);
  if (stored == bytes) return done(false, record);

  if (!stored) {
    if (record.instances >= naming::instances_per_service_max) {
      return operation_failed("service " + naming::grouped_name(c.service) + " has " +
                              std::to_string(record.instances) + " instances already");
    }
    ++record.instances;
    batch.put(naming::client_key(client, c.service), {});
  }
  batch.put(key, bytes);
  touch(batch, c, index, record);
  return done(true, record);
}

/// Looks at the client only: cluster and the rest of the instance are not compared (E.1.2).
reply remove(const naming::command& c, raft::log_index index, persistence::state_batch& batch) {
  auto found = look_up(batch, c.service);
  if (!found.well_formed) return malformed_state();
  const auto client = naming::client_id(c.instance.ip, c.instance.port);
  const auto key = naming::instance_key(c.service, client);
  if (!found.known || !batch.get(key)) return done(false, found.record);
  batch.erase(key);
  batch.erase(naming::client_key(client, c.service));
  if (found.record.instances > 0) --found.record.instances;
  touch(batch, c, index, found.record);
  return done(true, found.record);
}

bool asked_for(const naming::list_instances& q, std::string_view cluster) {
  return q.clusters.empty() ||
         std::find(q.clusters.begin(), q.clusters.end(), cluster) != q.clusters.end();
}

naming::instances_reply head_of(const standing& found, const persistence::state_view& view) {
  naming::instances_reply out;
  out.known = found.known;
  out.revision = found.record.revision;
  out.total = found.record.instances;
  out.changed_ms = found.known ? found.record.changed_ms : naming::read_high_mark(view);
  return out;
}

reply answer(const naming::list_instances& q, const persistence::state_view& view) {
  const auto found = look_up(view, q.service);
  if (!found.well_formed) return malformed_state();
  auto out = head_of(found, view);
  std::vector<std::string> records;  // what out.instances points into
  view.scan(naming::instance_prefix(q.service), {}, [&](std::string_view, std::string_view stored) {
    records.emplace_back(stored);
    return true;
  });
  out.instances.reserve(records.size());
  std::size_t bytes = 0;
  for (const auto& r : records) {
    auto instance = naming::decode_record(r);
    if (!instance) return malformed_state();
    if (!asked_for(q, instance->cluster)) continue;
    bytes += r.size();
    out.instances.push_back(std::move(*instance));
  }
  if (bytes > naming::instances_bytes_max) {
    return operation_failed("the instances have more than " +
                            std::to_string(naming::instances_bytes_max) +
                            " bytes: ask for fewer clusters");
  }
  return reply::ok(naming::encode(out));
}

reply answer(const naming::get_instance& q, const persistence::state_view& view) {
  const auto found = look_up(view, q.service);
  if (!found.well_formed) return malformed_state();
  auto out = head_of(found, view);
  const auto stored = view.get(naming::instance_key(q.service, naming::client_id(q.ip, q.port)));
  if (stored) {
    auto instance = naming::decode_record(*stored);
    if (!instance) return malformed_state();
    out.instances.push_back(std::move(*instance));
  }
  return reply::ok(naming::encode(out));
}

reply answer(const naming::list_services& q, const persistence::state_view& view) {
  struct row {
    std::string key;
    service_record record;
  };
  std::vector<row> rows;
  naming::services_reply out;
  bool readable = true;
  const auto prefix = naming::services_prefix(q.namespace_id, q.service_group);
  std::string from;
  if (!q.after_name.empty()) {
    // The least key behind it: names hold no NUL byte.
    from = naming::service_key({q.namespace_id, q.after_group, q.after_name}) + '\0';
  }
  view.scan(prefix, std::max(prefix, from), [&](std::string_view key, std::string_view stored) {
    if (rows.size() == q.limit) {
      out.more = true;
      return false;
    }
    const auto record = naming::decode_service_record(stored);
    readable = record.has_value();
    if (readable) rows.push_back({std::string(key), *record});
    return readable;
  });
  if (!readable) return malformed_state();
  for (const auto& r : rows) {
    const auto s = naming::parse_service_key(r.key);
    if (!s) return malformed_state();
    out.services.push_back(
        {s->service_group, s->name, r.record.instances, r.record.revision, r.record.changed_ms});
  }
  return reply::ok(naming::encode(out));
}

}  // namespace

reply persistent_instances::apply(const command& entry, persistence::state_batch& batch) {
  const auto verb = naming::decode_verb(entry.data.view());
  if (!verb) return operation_failed(verb.error().what);
  if (std::find(without_meaning.begin(), without_meaning.end(), *verb) != without_meaning.end()) {
    return reply::refused("unsupport operation : " + std::string(*verb));
  }
  const bool adds = *verb == naming::verb_add || *verb == naming::verb_change;
  if (!adds && *verb != naming::verb_delete) {
    return operation_failed("verb: " + std::string(*verb) + " is unknown");
  }
  const auto decoded = naming::decode_command(entry.data.view());
  if (!decoded) return operation_failed(decoded.error().what);
  return adds ? upsert(*decoded, entry.index, batch) : remove(*decoded, entry.index, batch);
}

reply persistent_instances::query(std::string_view request,
                                  const persistence::state_view& view) const {
  const auto decoded = naming::decode_query(request);
  if (!decoded) return operation_failed(decoded.error().what);
  return std::visit([&](const auto& q) { return answer(q, view); }, *decoded);
}

bool persistent_instances::query_may_scan(std::string_view request) const {
  const auto decoded = naming::decode_query(request);
  return decoded && !std::holds_alternative<naming::get_instance>(*decoded);
}

}  // namespace troupe::processors

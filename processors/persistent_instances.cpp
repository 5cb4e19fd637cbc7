#include "processors/persistent_instances.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "processors/instance_rules.hpp"
#include "processors/naming_state.hpp"
#include "processors/service_rules.hpp"
#include "processors/service_standing.hpp"

namespace troupe::processors {

namespace {

using naming::service_record;

/// Verbs of the protocol that mean nothing to this group. nacos-spec E.1.2.
constexpr std::array<std::string_view, 3> without_meaning{"VERIFY", "SNAPSHOT", "QUERY"};

/// The command that `decode` finds in the entry through the rule, or why there is none.
template <class Decode, class Rule>
reply decided(std::string_view bytes, Decode&& decode, Rule&& rule) {
  const auto decoded = decode(bytes);
  return decoded ? rule(*decoded) : operation_failed(decoded.error().what);
}

bool asked_for(const naming::list_instances& q, std::string_view cluster) {
  return q.clusters.empty() ||
         std::find(q.clusters.begin(), q.clusters.end(), cluster) != q.clusters.end();
}

naming::instances_reply head_of(const service_standing& found,
                                const persistence::state_view& view) {
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

reply persistent_instances::change(const command& entry, persistence::state_batch& batch) {
  const auto bytes = entry.data.view();
  const auto index = entry.index;
  const auto verb = naming::decode_verb(bytes);
  if (!verb) return operation_failed(verb.error().what);
  if (*verb == naming::verb_add || *verb == naming::verb_change) {
    return decided(bytes, naming::decode_command,
                   [&](const auto& c) { return put_instance(c, index, batch); });
  }
  if (*verb == naming::verb_delete) {
    return decided(bytes, naming::decode_command,
                   [&](const auto& c) { return remove_instance(c, index, batch); });
  }
  if (*verb == naming::verb_health) {
    return decided(bytes, naming::decode_change_health,
                   [&](const auto& c) { return change_health(c, index, batch); });
  }
  if (*verb == naming::verb_service_add) {
    return decided(bytes, naming::decode_service_command,
                   [&](const auto& c) { return add_service(c, index, batch); });
  }
  if (*verb == naming::verb_service_remove) {
    return decided(bytes, naming::decode_service_command,
                   [&](const auto& c) { return remove_service(c, batch); });
  }
  if (*verb == naming::verb_service_expire) {
    return decided(bytes, naming::decode_expire_services,
                   [&](const auto& c) { return expire_services(c, index, batch); });
  }
  if (std::find(without_meaning.begin(), without_meaning.end(), *verb) != without_meaning.end()) {
    return reply::refused("unsupport operation : " + std::string(*verb));
  }
  return operation_failed("verb: " + std::string(*verb) + " is unknown");
}

bool persistent_instances::tell(naming::naming_observer& to, std::string_view key,
                                value_view value) const {
  if (const auto s = naming::parse_service_key(key)) {
    if (!value) return to.service_erased(*s), true;
    const auto record = naming::decode_service_record(*value);
    if (record) to.service_put(*s, *record);
    return record.has_value();
  }
  const auto named = naming::parse_instance_key(key);
  if (!named) return false;
  if (!value) return to.instance_erased(named->service, named->client), true;
  const auto instance = naming::decode_record(*value);
  if (instance) to.instance_put(named->service, *instance);
  return instance.has_value();
}

void persistent_instances::tell_begin(naming::naming_observer& to) const {
  to.instances_begin();
}

void persistent_instances::tell_loaded(naming::naming_observer& to) const {
  to.instances_loaded();
}

void persistent_instances::leader_started(raft::term) {
  if (observer() != nullptr) observer()->leading(true);
}

void persistent_instances::leader_stopped() {
  if (observer() != nullptr) observer()->leading(false);
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

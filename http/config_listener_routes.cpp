// Waiting for configurations to change, and who waits: nacos-spec C.8.2, C.8.3.
#include <algorithm>

#include "http/config_bodies.hpp"
#include "http/config_centre.hpp"
#include "http/config_tenant.hpp"
#include "http/listening_configs.hpp"
#include "http/naming_parameters.hpp"

namespace troupe::http {

namespace {

using std::chrono::milliseconds;

/// The client gives up after the time that it names; the answer has to reach it before.
constexpr milliseconds answer_ahead{500};
constexpr milliseconds hang_min{10'000};
/// Nobody asks for more; it bounds how long a client may be held whatever it asks for.
constexpr milliseconds hang_max{600'000};
/// What clients take as a header; the body tells it whatever its length.
constexpr std::size_t header_bytes_max = 4'096;

response poll_answer(const std::string& changed) {
  auto r = plain_text(200, changed.empty() ? "" : changed + "\n");
  forbid_caching(r);
  return r;
}

/// Without the header that asks for patience: what differs now. nacos-spec C.8.3 rule 4.
response short_answer(const std::string& changed) {
  auto r = poll_answer(changed);
  if (changed.size() <= header_bytes_max) {
    r.headers.emplace_back("Probe-Modify-Response-New", changed);
  }
  return r;
}

response end_of_poll(poll_end how, const std::string& changed) {
  if (how == poll_end::refused) return plain_text(503, "too many listeners, try again later");
  return poll_answer(changed);
}

/// Answers also who has gone: half of the connection may still be open.
void hang(config_centre& centre, const exchange_ptr& call,
          const std::vector<config_belief>& beliefs, milliseconds patience) {
  const auto id = centre.polls().hang(beliefs, std::string(call->request().client_address()),
                                      patience, [call](poll_end how, const std::string& changed) {
                                        call->respond(end_of_poll(how, changed));
                                      });
  if (id == 0) return;
  call->on_disconnect([polls = centre.polls().weak_from_this(), id, weak = std::weak_ptr(call)] {
    if (const auto held = weak.lock()) held->respond(poll_answer({}));
    if (const auto held = polls.lock()) held->listeners().drop(id);
  });
}

void poll(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto& r = call->request();
  const auto text = decode_listening(p.text("Listening-Configs"));
  const auto beliefs = read_beliefs(text);
  if (!beliefs) return call->respond(plain_text(400, beliefs.error()));
  const auto& listeners = centre.polls().listeners();
  const auto wanted = r.header("Long-Pulling-Timeout");
  if (!wanted) return call->respond(short_answer(listeners.compare(*beliefs)));
  const auto timeout = parse_number(trimmed(*wanted), 0, INT32_MAX);
  if (!timeout) {
    return call->respond(
        plain_text(400, "Long-Pulling-Timeout : " + std::string(*wanted) + " is no number"));
  }
  const auto no_hangup = r.header("Long-Pulling-Timeout-No-Hangup").value_or("");
  if (equal_ignoring_case(trimmed(no_hangup), "true")) {
    return call->respond(poll_answer(listeners.compare(*beliefs)));
  }
  hang(centre, call, *beliefs,
       std::clamp(milliseconds(*timeout) - answer_ahead, hang_min, hang_max));
}

response listeners_answer(nlohmann::ordered_json status) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  out["collectStatus"] = 200;
  // Misspelt for good: clients read it so.
  out["lisentersGroupkeyStatus"] = std::move(status);
  return config_answer(config_dialect::v1, std::move(out));
}

/// Who waits on this node for one configuration.
void listeners_of(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto key = read_config_key(p);
  if (!key) return call->respond(key.error());
  const auto name = config_key(*key);
  // Whoever hangs believes what stands: otherwise it had been answered.
  const auto md5 = centre.table().md5(name);
  auto status = nlohmann::ordered_json::object();
  for (const auto& address : centre.polls().listeners().listeners(name)) status[address] = md5;
  call->respond(listeners_answer(std::move(status)));
}

/// What one address waits for on this node.
void listened_by(config_centre& centre, const exchange_ptr& call, const config_parameters& p) {
  const auto ip = p.require("ip");
  if (!ip) return call->respond(ip.error());
  const bool all = equal_ignoring_case(p.text("all"), "true");
  auto status = nlohmann::ordered_json::object();
  for (const auto& key : centre.polls().listeners().listened_by(trimmed(*ip))) {
    const auto names = config_names(key);
    const auto md5 = centre.table().md5(key);
    const bool is_wanted = p.given("tenant") ? names.tenant == p.tenant() : true;
    if (!is_wanted || (md5.empty() && !all)) continue;
    auto shown = std::string(names.data_id).append("+").append(names.config_group);
    if (!names.tenant.empty()) shown.append("+").append(names.tenant);
    status[shown] = md5;
  }
  call->respond(listeners_answer(std::move(status)));
}

}  // namespace

void add_config_listener_routes(router& routes, const config_centre_ptr& centre) {
  const std::string path = "/nacos/v1/cs/configs/listener";
  routes.add("POST", path,
             [centre, polled = config_route(centre, config_dialect::v1, poll)](
                 const exchange_ptr& call, const std::string& captured) {
               centre->when_current(call, config_dialect::v1,
                                    [polled, call, captured] { polled(call, captured); });
             });
  routes.add("GET", path, config_route(centre, config_dialect::v1, listeners_of));
  routes.add("GET", "/nacos/v1/cs/listener", config_route(centre, config_dialect::v1, listened_by));
}

}  // namespace troupe::http

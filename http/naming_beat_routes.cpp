// Signs of life of ephemeral instances. nacos-spec C.4.4.
#include <utility>

#include "http/ephemeral_answers.hpp"
#include "http/instance_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/routes.hpp"
#include "naming/beat_times.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

/// Clients look at it: on the second they register again.
constexpr int code_alive = 10'200;
constexpr int code_unknown = 20'404;

response beat_answered(const naming::switches& turned, int code,
                       std::optional<std::uint64_t> interval_ms) {
  // Bare in v2, too. nacos-spec C.7.
  return naming_dialect(naming_version::v1)
      .data(json{{"clientBeatInterval", interval_ms.value_or(turned.client_beat_interval_ms)},
                 {"code", code},
                 {"lightBeatEnabled", turned.light_beat_enabled}});
}

/// A full beat of an instance that is not known here says all that it takes to register.
response registered_by_beat(const naming_services& services, const naming_parameters& p,
                            const naming_dialect& says) {
  auto r = read_registration(p, says);
  if (!r) return r.error();
  const auto times = naming::beat_times::of(r->instance.metadata);
  const auto failed = services.ephemeral->enroll(r->service, std::move(r->instance));
  if (failed) return ephemeral_failed(says, *failed, r->service);
  return beat_answered(*services.switches->now(), code_alive,
                       times.own_interval ? std::optional(times.interval_ms) : std::nullopt);
}

response answer_beat(const naming_services& services, const naming_parameters& p,
                     const naming_dialect& says) {
  const auto sign = read_beat(p, says);
  if (!sign) return sign.error();
  const auto beat = services.ephemeral->beat(sign->service, sign->ip, sign->port);
  switch (beat.outcome) {
    case naming::beat_outcome::alive:
      return beat_answered(*services.switches->now(), code_alive, beat.interval_ms);
    case naming::beat_outcome::persistent_service:
      return says.refused(nacos_code::server_error, mixing_text(sign->service, true));
    case naming::beat_outcome::unknown:
      break;
  }
  if (sign->registers) return registered_by_beat(services, *sign->registers, says);
  return beat_answered(*services.switches->now(), code_unknown, {});
}

}  // namespace

void add_naming_beat_routes(router& routes, const naming_services& naming) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    const auto* path =
        v == naming_version::v1 ? "/nacos/v1/ns/instance/beat" : "/nacos/v2/ns/instance/beat";
    routes.add("PUT", path, [v, naming](const exchange_ptr& call, const auto&) {
      const auto p = naming_parameters::of(call->request());
      if (!p) return call->respond(p.error());
      if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
      call->respond(answer_beat(naming, *p, naming_dialect(v)));
    });
  }
}

}  // namespace troupe::http

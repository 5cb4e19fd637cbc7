// Signs of life of ephemeral instances. nacos-spec C.4.4.
#include <utility>

#include "http/ephemeral_answers.hpp"
#include "http/instance_ids.hpp"
#include "http/naming_services.hpp"
#include "http/naming_writes.hpp"
#include "naming/beat_times.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

/// Clients look at it: on the second they register again.
constexpr int code_alive = 10'200;
constexpr int code_unknown = 20'404;

class beat_api : public std::enable_shared_from_this<beat_api> {
 public:
  beat_api(const view_ptr& view, naming_services services, const server_options& options)
      : services_(std::move(services)), writes_(view, options) {}

  void add_to(router& routes);

 private:
  response answer(const naming_parameters& p, const naming_dialect& says);
  response registered_by_beat(const naming_parameters& p, const naming_dialect& says);
  [[nodiscard]] response told(int code, std::optional<std::uint64_t> interval_ms) const;

  naming_services services_;
  naming_writes writes_;  ///< for its stamps: nothing is proposed
};

void beat_api::add_to(router& routes) {
  for (const auto v : {naming_version::v1, naming_version::v2}) {
    const auto* path =
        v == naming_version::v1 ? "/nacos/v1/ns/instance/beat" : "/nacos/v2/ns/instance/beat";
    routes.add("PUT", path, [self = shared_from_this(), v](const exchange_ptr& call, const auto&) {
      const auto p = naming_parameters::of(call->request());
      if (!p) return call->respond(p.error());
      if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
      call->respond(self->answer(*p, naming_dialect(v)));
    });
  }
}

response beat_api::told(int code, std::optional<std::uint64_t> interval_ms) const {
  const auto turned = services_.switches->now();
  // Bare in v2, too. nacos-spec C.7.
  return naming_dialect(naming_version::v1)
      .data(json{{"clientBeatInterval", interval_ms.value_or(turned->client_beat_interval_ms)},
                 {"code", code},
                 {"lightBeatEnabled", turned->light_beat_enabled}});
}

/// A full beat of an instance that is not known here says all that it takes to register.
response beat_api::registered_by_beat(const naming_parameters& p, const naming_dialect& says) {
  auto r = read_registration(p, says);
  if (!r) return r.error();
  r->instance.generated_id =
      generated_id(*r, services_.catalogue->find(r->service), writes_.stamp());
  const auto times = naming::beat_times::of(r->instance.metadata);
  const auto failed = services_.ephemeral->enroll(r->service, std::move(r->instance));
  if (failed) return ephemeral_failed(says, *failed, r->service);
  return told(code_alive, times.own_interval ? std::optional(times.interval_ms) : std::nullopt);
}

response beat_api::answer(const naming_parameters& p, const naming_dialect& says) {
  const auto sign = read_beat(p, says);
  if (!sign) return sign.error();
  const auto beat = services_.ephemeral->beat(sign->service, sign->ip, sign->port);
  switch (beat.outcome) {
    case naming::beat_outcome::alive:
      return told(code_alive, beat.interval_ms);
    case naming::beat_outcome::persistent_service:
      return says.refused(nacos_code::server_error, mixing_text(sign->service, true));
    case naming::beat_outcome::unknown:
      break;
  }
  if (sign->registers) return registered_by_beat(*sign->registers, says);
  return told(code_unknown, {});
}

}  // namespace

void add_naming_beat_routes(router& routes, const view_ptr& view, const naming_services& naming,
                            const server_options& options) {
  std::make_shared<beat_api>(view, naming, options)->add_to(routes);
}

}  // namespace troupe::http

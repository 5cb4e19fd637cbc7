// Liveness and readiness, docs/http-api.md.
#include "http/json_answer.hpp"
#include "http/routes.hpp"
#include "naming/catalogue.hpp"
#include "processors/persistent_instances.hpp"

namespace troupe::http {

namespace {

constexpr std::string_view instances_group = processors::persistent_instances::group_name;

}  // namespace

void add_health_routes(router& routes, const view_ptr& view,
                       std::shared_ptr<const naming::catalogue> services) {
  // That this answers at all is the news: the process runs and its I/O threads are free.
  routes.add("GET", "/health/live", [](const exchange_ptr& call, const std::string&) {
    call->respond(json_answer(200, {{"status", "live"}}));
  });
  routes.add("GET", "/health/ready",
             [view, services = std::move(services)](const exchange_ptr& call, const std::string&) {
               view->readiness([call, services](std::vector<std::string> reasons) {
                 // Groups may be ready before what they hold has been told to the naming API.
                 if (!services->is_loaded())
                   reasons.push_back(std::string(instances_group) + ": not loaded");
                 call->post([call, reasons = std::move(reasons)] {
                   call->respond(reasons.empty() ? json_answer(200, {{"status", "ready"}})
                                                 : json_answer(503, {{"status", "not_ready"},
                                                                     {"reasons", reasons}}));
                 });
               });
             });
}

}  // namespace troupe::http

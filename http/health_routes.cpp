// Liveness and readiness, docs/http-api.md.
#include "http/json_answer.hpp"
#include "http/routes.hpp"

namespace troupe::http {

void add_health_routes(router& routes, const view_ptr& view) {
  // That this answers at all is the news: the process runs and its I/O threads are free.
  routes.add("GET", "/health/live", [](const exchange_ptr& call, const std::string&) {
    call->respond(json_answer(200, {{"status", "live"}}));
  });
  routes.add("GET", "/health/ready", [view](const exchange_ptr& call, const std::string&) {
    view->readiness([call](std::vector<std::string> reasons) {
      call->post([call, reasons = std::move(reasons)] {
        call->respond(reasons.empty()
                          ? json_answer(200, {{"status", "ready"}})
                          : json_answer(503, {{"status", "not_ready"}, {"reasons", reasons}}));
      });
    });
  });
}

}  // namespace troupe::http

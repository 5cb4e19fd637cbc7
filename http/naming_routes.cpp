// One page of all instances of a service, unhealthy and disabled ones included. nacos-spec C.4.7.
#include <algorithm>

#include "http/naming_parameters.hpp"
#include "http/naming_services.hpp"
#include "http/routes.hpp"
#include "naming/service_info.hpp"

namespace troupe::http {

namespace {

constexpr std::uint64_t page_max = std::uint64_t{1} << 31U;

response page_of(const naming::service& s, std::string_view cluster, std::uint64_t page_number,
                 std::uint64_t page_size) {
  // Both are at most 2^31, so that this cannot overflow.
  const auto first = (page_number - 1) * page_size;
  std::string list;
  std::uint64_t count = 0;
  for (const auto& h : s.hosts) {
    if (h->cluster != cluster) continue;
    const auto at = count++;
    if (at < first || at - first >= page_size) continue;
    if (!list.empty()) list += ',';
    naming::append_host(list, s.key, *h, h->healthy);
  }
  return {200,
          R"({"list":[)" + list + R"(],"count":)" + std::to_string(count) + '}',
          "application/json;charset=UTF-8",
          {}};
}

response catalog(const naming::catalogue& services, const naming_parameters& p) {
  for (const auto* name : {"serviceName", "clusterName", "pageNo", "pageSize"}) {
    // Nacos words it differently here: these are annotated parameters (C.3).
    if (!p.find(name)) return plain_text(400, "Parameter '" + std::string(name) + "' is missing");
  }
  const auto s = read_service(p);
  if (!s) return s.error();
  const auto page = parse_number(*p.find("pageNo"), 1, page_max);
  const auto size = parse_number(*p.find("pageSize"), 1, page_max);
  if (!page || !size) return plain_text(400, "pageNo and pageSize are numbers from 1");
  const auto known = services.find(*s);
  if (!known) return plain_text(404, "service " + s->grouped() + " is not found!");
  return page_of(*known, *p.find("clusterName"), *page, *size);
}

}  // namespace

void add_naming_routes(router& routes, const naming_services& naming) {
  routes.add("GET", "/nacos/v1/ns/catalog/instances",
             [services = naming.catalogue](const exchange_ptr& call, const auto&) {
               const auto p = naming_parameters::of(call->request());
               if (!p) return call->respond(p.error());
               if (auto bad = check_parameters(*p)) return call->respond(std::move(*bad));
               call->respond(catalog(*services, *p));
             });
}

}  // namespace troupe::http

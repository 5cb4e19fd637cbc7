// routes: what each part of the HTTP interface adds to the router, and how handlers await a group.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "groups/cluster_view.hpp"
#include "http/error_answer.hpp"
#include "http/metrics_sources.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace troupe::naming {
class catalogue;
}  // namespace troupe::naming

namespace troupe::http {

using view_ptr = std::shared_ptr<cluster_view>;

void add_key_value_routes(router& routes, const view_ptr& view);
void add_admin_routes(router& routes, const view_ptr& view);
void add_cluster_routes(router& routes, const view_ptr& view, const cluster_services& cluster);
void add_metrics_routes(router& routes, const view_ptr& view, const metrics_sources& from);
void add_namespace_routes(router& routes, const view_ptr& view, const access_services& access,
                          std::shared_ptr<const config_table> configs);
void add_raft_operation_routes(router& routes, const view_ptr& view, boost::asio::io_context& io,
                               const cluster_services& cluster, const access_services& access);
void add_server_state_routes(router& routes, const view_ptr& view, const access_services& access,
                             const naming_services& naming,
                             const std::shared_ptr<const config_table>& configs,
                             const server_options& options);
void add_account_routes(router& routes, const view_ptr& view, const access_services& access);
void add_health_routes(router& routes, const view_ptr& view,
                       std::shared_ptr<const naming::catalogue> services);
void add_console_routes(router& routes, std::shared_ptr<const naming::catalogue> services);
void add_naming_instance_routes(router& routes, const view_ptr& view, const naming_services& naming,
                                const server_options& options);
void add_naming_beat_routes(router& routes, const view_ptr& view, const naming_services& naming,
                            const server_options& options);
void add_naming_catalog_routes(router& routes, const naming_services& naming);
void add_naming_client_routes(router& routes, const naming_services& naming,
                              const server_options& options);
void add_naming_cluster_routes(router& routes, const view_ptr& view, const naming_services& naming,
                               const server_options& options);
void add_naming_operator_routes(router& routes, const view_ptr& view, const naming_services& naming,
                                const server_options& options);
void add_naming_overlay_routes(router& routes, const view_ptr& view, const naming_services& naming,
                               const server_options& options);
void add_naming_server_routes(router& routes, const view_ptr& view, const naming_services& naming,
                              const cluster_services& cluster);
void add_naming_service_routes(router& routes, const view_ptr& view, const naming_services& naming,
                               const server_options& options);

void add_config_routes(router& routes, const view_ptr& view, const server_options& options,
                       boost::asio::io_context& io, const std::shared_ptr<config_table>& table);

/// Completions run on foreign threads and must not block there: continues on the connection's
/// strand with `then`, or answers what `failed` makes of the error.
template <class Then, class Failed>
completion on_strand(const exchange_ptr& call, Then then, Failed failed) {
  // Called once, as completions are: what it holds may go on into what is posted.
  return [call, then = std::move(then), failed = std::move(failed)](result r) mutable {
    call->post([call, then = std::move(then), failed = std::move(failed), r = std::move(r)] {
      r ? then(*r) : call->respond(failed(r.error()));
    });
  };
}

}  // namespace troupe::http

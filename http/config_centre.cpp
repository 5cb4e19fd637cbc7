#include "http/config_centre.hpp"

#include <algorithm>
#include <random>

#include "http/system_clock.hpp"
#include "processors/configuration.hpp"

namespace troupe::http {

namespace {

namespace cfg = processors::config;

const std::string group_name(processors::configuration::group_name);

std::uint64_t any_number() {
  std::random_device chance;
  return std::uint64_t{chance()} << 32U | chance();
}

}  // namespace

config_centre::config_centre(view_ptr view, const server_options& options,
                             std::shared_ptr<const config_table> table,
                             std::shared_ptr<config_polls> polls)
    : view_(std::move(view)),
      node_(options.node),
      now_ms_(options.now_ms ? options.now_ms : system_now_ms),
      table_(std::move(table)),
      polls_(std::move(polls)),
      next_request_(any_number()) {}

processors::stamp config_centre::next_stamp() {
  return {now_ms_(), next_request_++, node_};
}

void config_centre::when_current(const exchange_ptr& call, config_dialect d,
                                 std::function<void()> then) {
  if (is_current_) return then();
  view_->readiness([self = shared_from_this(), call, d,
                    then = std::move(then)](const std::vector<std::string>& reasons) {
    const bool is_behind = std::any_of(reasons.begin(), reasons.end(), [](const std::string& why) {
      return why.rfind(group_name + ":", 0) == 0;
    });
    if (is_behind || !self->table_->is_loaded()) {
      return call->respond(config_refusal(d, 503, nacos_code::server_error,
                                          "server is STARTINGnow, please try again later!"));
    }
    self->is_current_ = true;
    call->post(then);
  });
}

void config_centre::propose(const exchange_ptr& call, config_dialect d, std::string command,
                            std::function<void(const cfg::write_reply&)> then) const {
  view_->group(group_name)
      .propose(raft::bytes(std::move(command)), {},
               on_strand(
                   call,
                   [call, d, then = std::move(then)](const troupe::response& answered) {
                     const auto reply = cfg::decode_write_reply(answered.data.view());
                     reply ? then(*reply) : call->respond(unreadable(d, reply.error()));
                   },
                   [d](const error& e) { return config_failed(d, e); }));
}

void config_centre::query_raw(const exchange_ptr& call, config_dialect d, consistency wanted,
                              std::string query, std::function<void(std::string_view)> then) const {
  query_options options;
  options.consistency = wanted;
  view_->group(group_name)
      .query(raft::bytes(std::move(query)), options,
             on_strand(
                 call,
                 [then = std::move(then)](const troupe::response& answered) {
                   then(answered.data.view());
                 },
                 [d](const error& e) { return config_failed(d, e); }));
}

response config_centre::unreadable(config_dialect d, const codec::decode_error& why) {
  const auto text = "the processor's answer cannot be read: " + why.what;
  return config_refusal(d, 500, nacos_code::server_error,
                        d == config_dialect::v1 ? "caused: " + text + ";" : text);
}

handler config_route(config_centre_ptr centre, config_dialect d, config_handler handle) {
  return [centre = std::move(centre), d, handle](const exchange_ptr& call, const std::string&) {
    const auto p = config_parameters::of(call->request(), d);
    if (!p) return call->respond(p.error());
    if (auto bad = check_config_parameters(*p)) return call->respond(std::move(*bad));
    handle(*centre, call, *p);
  };
}

void add_config_routes(router& routes, const view_ptr& view, const server_options& options,
                       boost::asio::io_context& io, const std::shared_ptr<config_table>& table) {
  config_listener_limits limits;
  // The rest of the connections stays for those who ask for something else.
  limits.listeners_max = options.connections_max - options.connections_max / 10;
  const auto centre =
      std::make_shared<config_centre>(view, options, table, config_polls::open(io, table, limits));
  add_config_item_routes(routes, centre);
  add_config_history_routes(routes, centre);
  add_config_listener_routes(routes, centre);
}

}  // namespace troupe::http

// config_centre: what the routes of the configuration API share: how the group nacos_config is
// asked and told, and who waits on this node. Knows nothing of paths.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "http/config_dialect.hpp"
#include "http/config_parameters.hpp"
#include "http/config_polls.hpp"
#include "http/config_table.hpp"
#include "http/routes.hpp"

namespace troupe::http {

class config_centre : public std::enable_shared_from_this<config_centre> {
 public:
  config_centre(view_ptr view, const server_options& options,
                std::shared_ptr<const config_table> table, std::shared_ptr<config_polls> polls);

  /// When, which request, from which node.
  [[nodiscard]] processors::stamp next_stamp();

  /// Continues, on the connection's strand, once this node has applied what was committed when it
  /// started; else answers 503. Before that it may lack configurations or have old ones, and
  /// clients that were told so would drop what they have.
  void when_current(const exchange_ptr& call, config_dialect d, std::function<void()> then);

  /// Continues on the connection's strand with what the group answered, or answers that it failed.
  void propose(const exchange_ptr& call, config_dialect d, std::string command,
               std::function<void(const processors::config::write_reply&)> then) const;

  /// Likewise; `decode` reads the answer.
  template <class Reply>
  void ask(const exchange_ptr& call, config_dialect d, consistency wanted, std::string query,
           processors::config::decoded<Reply> (*decode)(std::string_view),
           std::function<void(const Reply&)> then) const {
    query_raw(call, d, wanted, std::move(query),
              [call, d, decode, then = std::move(then)](std::string_view bytes) {
                const auto reply = decode(bytes);
                reply ? then(*reply) : call->respond(unreadable(d, reply.error()));
              });
  }

  [[nodiscard]] const view_ptr& view() const { return view_; }
  [[nodiscard]] const config_table& table() const { return *table_; }
  [[nodiscard]] config_polls& polls() const { return *polls_; }

 private:
  static response unreadable(config_dialect d, const codec::decode_error& why);
  void query_raw(const exchange_ptr& call, config_dialect d, consistency wanted, std::string query,
                 std::function<void(std::string_view)> then) const;

  view_ptr view_;
  raft::node_id node_;
  std::function<std::uint64_t()> now_ms_;
  std::shared_ptr<const config_table> table_;
  std::shared_ptr<config_polls> polls_;
  std::atomic<bool> is_current_{false};  ///< once and for all
  /// Starts by chance, so that a restarted node does not use an id again.
  std::atomic<std::uint64_t> next_request_;
};

using config_centre_ptr = std::shared_ptr<config_centre>;

/// A handler of the configuration API: what was asked, read and checked.
using config_handler = void (*)(config_centre&, const exchange_ptr&, const config_parameters&);
/// Reads and checks the parameters, then calls it.
handler config_route(config_centre_ptr centre, config_dialect d, config_handler handle);

void add_config_item_routes(router& routes, const config_centre_ptr& centre);
void add_config_history_routes(router& routes, const config_centre_ptr& centre);
void add_config_listener_routes(router& routes, const config_centre_ptr& centre);

}  // namespace troupe::http

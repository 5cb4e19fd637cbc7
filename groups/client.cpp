#include "groups/client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <optional>
#include <thread>

#include "actors/io_scheduler.hpp"
#include "actors/peer_link.hpp"
#include "actors/ticker.hpp"
#include "codec/frame.hpp"
#include "groups/address.hpp"
#include "groups/client_router.hpp"

namespace troupe {

using groups::clock;

namespace {

/// Sends every request to the router. Outlives the client: then requests fail.
class remote_backend : public group_backend {
 public:
  explicit remote_backend(groups::client_router_actor router) : router_(std::move(router)) {}

  void propose(const std::string& group, raft::bytes command, const propose_options& options,
               completion done) override {
    codec::request r;
    r.kind =
        options.in_session ? codec::request_kind::propose_session : codec::request_kind::propose;
    r.group = group;
    r.expected_term = options.expected_term;
    r.data = std::move(command);
    ask(std::move(r), options.timeout, std::move(done));
  }

  void query(const std::string& group, raft::bytes request, const query_options& options,
             completion done) override {
    codec::request r;
    const bool local = options.consistency == consistency::local;
    r.kind = local ? codec::request_kind::query_local : codec::request_kind::query;
    r.group = group;
    r.data = std::move(request);
    ask(std::move(r), options.timeout, std::move(done));
  }

  void ask(codec::request r, std::chrono::milliseconds timeout, completion done) {
    if (r.data.size() > codec::payload_bytes_max) {
      return done(raft::unexpected(
          error{error_code::too_large,
                "a request has " + std::to_string(r.data.size()) + " bytes, at most " +
                    std::to_string(codec::payload_bytes_max) + " are taken",
                {}}));
    }
    static const auto not_sent = std::make_shared<const error>(
        error{error_code::shutting_down, "the client was stopped", {}});
    auto promise = std::make_shared<actors::promise>(std::move(done), not_sent);
    std::lock_guard lock(guard_);
    if (!router_) return;
    actors::send(*router_,
                 groups::client_request{std::move(r), clock::now() + timeout, std::move(promise)});
  }

  /// Ends the router and hands it over, to wait for its end.
  std::optional<groups::client_router_actor> stop() {
    std::lock_guard lock(guard_);
    if (router_) caf::anon_send_exit(*router_, caf::exit_reason::kill);
    return std::exchange(router_, std::nullopt);
  }

 private:
  std::mutex guard_;
  std::optional<groups::client_router_actor> router_;
};

}  // namespace

class client::internals {
 public:
  explicit internals(client_options o) : options_(std::move(o)) {
    config_.add_message_types<caf::id_block::troupe_actors>();
    config_.add_message_types<caf::id_block::troupe_groups>();
    actors::run_on(config_, io_, threads_);
    system_ = std::make_unique<caf::actor_system>(config_);
    for (std::size_t i = 0; i < threads_; ++i) {
      io_threads_.emplace_back([this] { io_.run(); });
    }
    ticker_ = actors::spawn_ticker(*system_, std::chrono::milliseconds{10});
    backend = std::make_shared<remote_backend>(groups::spawn_client_router(
        *system_,
        {options_.endpoints,
         [this](std::size_t node, const std::string& address) { return make_link(node, address); },
         *ticker_}));
  }

  ~internals() {
    // The router makes links: only after its end are all of them known.
    if (const auto router = backend->stop()) {
      caf::scoped_actor waiting{*system_};
      waiting->wait_for(*router);
    }
    caf::anon_send_exit(*ticker_, caf::exit_reason::kill);
    ticker_.reset();
    {
      std::lock_guard lock(guard_);
      for (const auto& l : links_) caf::anon_send_exit(l, caf::exit_reason::kill);
      links_.clear();
    }
    system_->await_all_actors_done();
    work_.reset();
    io_.stop();
    for (auto& t : io_threads_) t.join();
  }

  std::shared_ptr<remote_backend> backend;

 private:
  actors::peer_link_actor make_link(std::size_t node, const std::string& address) {
    const auto at = groups::split_address(address);
    actors::peer_link_options l;
    l.peer = raft::node_id{node + 1};  // our own number for it, only for the log
    l.host = at ? at->host : address;
    l.port = at ? at->port : "0";
    l.hello.cluster = options_.cluster;
    l.io = &io_;
    // A node that is cut off must not hold requests much longer than its groups do without it.
    l.ping_interval = std::chrono::milliseconds{250};
    l.silence_max = std::chrono::milliseconds{1000};
    l.ticker = *ticker_;
    l.lost = [](std::optional<raft::group_id>) {};
    l.gone = [] {};
    auto link = actors::spawn_peer_link(*system_, std::move(l));
    std::lock_guard lock(guard_);
    links_.push_back(link);
    return link;
  }

  client_options options_;
  const std::size_t threads_ = actors::threads_or_default(options_.threads);
  boost::asio::io_context io_{static_cast<int>(threads_)};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<std::thread> io_threads_;
  std::optional<actors::ticker_actor> ticker_;
  std::mutex guard_;
  std::vector<actors::peer_link_actor> links_;
};

client::client(std::shared_ptr<internals> parts) : internals_(std::move(parts)) {}

client::~client() = default;

raft::expected<std::unique_ptr<client>, error> client::connect(client_options options) {
  if (options.endpoints.empty()) {
    return raft::unexpected(error{error_code::invalid_argument, "endpoints: none given", {}});
  }
  for (const auto& e : options.endpoints) {
    if (groups::split_address(e)) continue;
    return raft::unexpected(
        error{error_code::invalid_argument, "endpoints: '" + e + "' is not host:port", {}});
  }
  return std::unique_ptr<client>(new client(std::make_shared<internals>(std::move(options))));
}

troupe::group client::group(const std::string& name) {
  return {name, internals_->backend};
}

void client::transfer(const std::string& group, const std::string& peer, completion done) {
  codec::request r;
  r.kind = codec::request_kind::transfer;
  r.group = group;
  r.data = raft::bytes(peer);
  internals_->backend->ask(std::move(r), std::chrono::seconds(5), std::move(done));
}

}  // namespace troupe

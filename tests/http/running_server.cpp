#include "tests/http/running_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace troupe::test {

class running_server::impl {
 public:
  impl(http::server_options options, const std::shared_ptr<fake_cluster>& cluster,
       http::server_parts parts)
      : server(io, std::move(options), cluster, parts) {}

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  http::server server;
  std::vector<std::thread> threads;
};

namespace {

http::access_services access_to(const fake_cluster& cluster, const http::auth_settings& auth,
                                std::function<std::uint64_t()> now_ms) {
  const http::password_hasher::settings quick{2, 256, 4};
  return {cluster.accounts, cluster.namespaces,
          std::make_shared<http::authenticator>(auth, cluster.accounts, std::move(now_ms), quick)};
}

http::server_parts parts_of(const fake_cluster& cluster, http::naming_services naming,
                            http::access_services access, std::function<std::uint64_t()> now_ms) {
  return {std::move(naming),
          std::move(access),
          cluster.configs,
          {cluster.servers, "10.0.0.7:8848", std::move(now_ms)}};
}

}  // namespace

running_server::running_server(http::server_options options, http::naming_services services,
                               const http::auth_settings& auth)
    : naming(std::move(services)) {
  options.port = 0;
  options.node = raft::node_id{7};
  options.now_ms = [clock = now_ms] { return clock->load(); };
  if (!naming.catalogue) naming.catalogue = cluster->catalogue;
  naming.ephemeral = std::make_shared<naming::ephemeral_instances>(
      naming.catalogue, [clock = now_ms] { return clock->load(); });
  naming.switches = cluster->switches;
  auto access = access_to(*cluster, auth, options.now_ms);
  auto parts = parts_of(*cluster, naming, std::move(access), options.now_ms);
  impl_ = std::make_unique<impl>(std::move(options), cluster, std::move(parts));
  const auto started = impl_->server.start();
  REQUIRE(started);
  for (int i = 0; i < 2; ++i) impl_->threads.emplace_back([this] { impl_->io.run(); });
}

running_server::~running_server() {
  cluster->release();
  impl_->server.stop();
  impl_->work.reset();
  for (auto& t : impl_->threads) t.join();
  // The io_context outlives every completion (server.hpp), and the cluster's thread may still hold
  // the last one: it lets go of that before it takes up another.
  cluster->drop_requests(false);
  cluster->group("kv").query(std::string()).wait();
}

std::uint16_t running_server::port() const {
  return impl_->server.port();
}
std::size_t running_server::connections() const {
  return impl_->server.connections();
}
error running_server::start_second(http::server_options options) const {
  if (options.port == http::server_options{}.port) options.port = port();
  boost::asio::io_context io;
  http::server second(io, std::move(options), cluster,
                      parts_of(*cluster, naming, access_to(*cluster, {}, nullptr), nullptr));
  const auto started = second.start();
  REQUIRE_FALSE(started);
  return started.error();
}

void running_server::stop() {
  impl_->server.stop();
}

}  // namespace troupe::test

// Pushes over real sockets of the loopback interface.
#include <thread>

#include "actors/caf.hpp"
#include "loopback.hpp"
#include "naming/messages.hpp"
#include "push_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

/// A client that listens, on the test's thread.
class listening_client {
 public:
  explicit listening_client(const char* ip = "127.0.0.1")
      : socket_(io_, boost::asio::ip::udp::endpoint(make_address(ip), 0)) {}
  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }

  /// The next datagram.
  heard_datagram hear() {
    std::string buffer(65'536, '\0');
    const auto size = socket_.receive_from(boost::asio::buffer(buffer), server_);
    return {server_.port(), buffer.substr(0, size)};
  }
  /// To whom it heard last.
  void ack(std::int64_t reference) {
    const auto text =
        R"({"type":"push-ack","lastRefTime":")" + std::to_string(reference) + R"(","data":""})";
    socket_.send_to(boost::asio::buffer(text), server_);
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::endpoint server_;
};

struct real_rig {
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  running_io running;
  std::shared_ptr<catalogue> services = std::make_shared<catalogue>();
  std::shared_ptr<udp_push_socket> socket;
  std::shared_ptr<push> pushes;
  std::size_t padding = 0;

  explicit real_rig(subscriber_limits limits = {}) {
    config.add_message_types<caf::id_block::troupe_actors>();
    config.add_message_types<caf::id_block::troupe_groups>();
    config.add_message_types<caf::id_block::troupe_naming>();
    actors::configure(config, 2);
    system = std::make_unique<caf::actor_system>(config);
    push_options o;
    o.merged = 1ms;
    o.limits = limits;
    o.services = services;
    socket = std::make_shared<udp_push_socket>(
        running.io, [this](const auto& from, auto bytes) { pushes->heard(from, bytes); });
    o.socket = socket;
    o.render = [this](const auto& key, const auto& shown, auto clusters) {
      return text_of(key, shown, clusters, padding);
    };
    pushes = std::make_shared<push>(*system, o);
    REQUIRE(socket->open().empty());
    load(*services);
  }
  ~real_rig() { pushes->stop(); }

  void subscribe(std::uint16_t port, const std::string& ip = "127.0.0.1") const {
    REQUIRE(pushes->subscribe(orders, {ip, port, "Nacos-Java-Client:v1.4.7", "", ""}) ==
            subscription_outcome::accepted);
  }
  /// Waits until the counts say so.
  template <class Condition>
  void wait_for(Condition&& holds) const {
    while (!holds(pushes->counts())) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("over UDP a client hears of a change, and its acknowledgement arrives") {
  real_rig r;
  listening_client client;
  r.subscribe(client.port());
  put(*r.services, orders, "10.0.0.1");
  const auto heard = client.hear();
  CHECK(heard.port == r.socket->port());
  CHECK(heard.content()["data"] == "orders []: 10.0.0.1");
  client.ack(heard.reference());
  r.wait_for([](const push_counts& c) { return c.acked == 1; });
  CHECK(r.pushes->counts().failed == 0);
}

TEST_CASE("over UDP a long list arrives compressed, and whole") {
  real_rig r;
  r.padding = 60'000;
  listening_client client;
  r.subscribe(client.port());
  put(*r.services, orders, "10.0.0.1");
  const auto heard = client.hear();
  CHECK(is_gzip(heard.bytes));
  CHECK(heard.content()["data"].get<std::string>().size() >= 60'000);
}

TEST_CASE("over UDP what nobody acknowledges comes twice") {
  subscriber_limits impatient;
  impatient.ack_wait = 50ms;
  real_rig r(impatient);
  listening_client client;
  r.subscribe(client.port());
  put(*r.services, orders, "10.0.0.1");
  const auto first = client.hear();
  CHECK(client.hear().bytes == first.bytes);
  r.wait_for([](const push_counts& c) { return c.failed == 1; });
  CHECK(r.pushes->counts().repeated == 1);
}

// With the usual patience: however slow this machine is, the acknowledgement is not late.
TEST_CASE("over UDP an acknowledgement of something else, or of another client, is none") {
  real_rig r;
  listening_client client;
  listening_client stranger;
  r.subscribe(client.port());
  r.subscribe(stranger.port());
  put(*r.services, orders, "10.0.0.1");
  const auto heard = client.hear();
  const auto elsewhere = stranger.hear();
  client.ack(heard.reference() + 1'000'000);
  client.ack(heard.reference());
  stranger.ack(elsewhere.reference());
  r.wait_for([](const push_counts& c) { return c.acked >= 2; });
  CHECK(r.pushes->counts().acked == 2);
  CHECK(r.pushes->counts().failed == 0);
}

TEST_CASE("over UDP a port that nobody listens at disturbs nobody else") {
  real_rig r;
  std::uint16_t gone = 0;
  {
    const listening_client away;
    gone = away.port();
  }
  listening_client client;
  r.subscribe(gone);
  r.subscribe(client.port());
  for (int i = 1; i <= 5; ++i) {
    const auto ip = "10.0.0." + std::to_string(i);
    put(*r.services, orders, ip);
    const auto heard = client.hear();
    CHECK(heard.content()["data"].get<std::string>().find(ip) != std::string::npos);
    client.ack(heard.reference());
  }
  r.wait_for([](const push_counts& c) { return c.acked == 5; });
}

// Pushes: when they leave, to whom, with what; in virtual time with a socket that writes down.
#include <charconv>

#include "naming/messages.hpp"
#include "naming/push_packet.hpp"
#include "push_fixture.hpp"
#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

class recording_socket final : public push_socket {
 public:
  void send(const endpoint& to, std::shared_ptr<const std::string> datagram) override {
    sent.push_back({to.port(), *datagram});
  }
  std::vector<heard_datagram> sent;
};

/// The shortest digits that mean the same double, and zeros.
std::string as_javascript(std::int64_t number) {
  char text[32];
  const auto [end, failed] = std::to_chars(text, std::end(text), static_cast<double>(number),
                                           std::chars_format::scientific);
  std::string digits(text, std::find(text, end, 'e'));
  std::erase(digits, '.');
  digits.resize(std::to_string(number).size(), '0');
  return digits;
}

struct rig {
  test_system t{[](caf::actor_system_config& c) {
    c.add_message_types<caf::id_block::troupe_groups>();
    c.add_message_types<caf::id_block::troupe_naming>();
  }};
  std::shared_ptr<catalogue> services = std::make_shared<catalogue>();
  std::shared_ptr<recording_socket> socket = std::make_shared<recording_socket>();
  std::size_t padding = 0;
  std::optional<push> pushes;

  explicit rig(bool loaded = true) {
    push_options o;
    o.services = services;
    o.socket = socket;
    o.render = [this](const auto& key, const auto& shown, auto clusters) {
      return text_of(key, shown, clusters, padding);
    };
    o.now = [this] { return t.now(); };
    // Stands still, as a coarse clock does.
    o.now_ns = [] { return 1'795'643'306'978'655'425; };
    pushes.emplace(*t.system, o);
    if (loaded) load(*services);
  }
  ~rig() { pushes->stop(); }

  void subscribe(const service_key& key, std::uint16_t port, const std::string& clusters = "",
                 const std::string& agent = "Nacos-Java-Client:v1.4.7") {
    REQUIRE(pushes->subscribe(key, {"127.0.0.1", port, agent, "", clusters}) ==
            subscription_outcome::accepted);
    t.run();
  }
  void change(const service_key& key, const std::string& ip) {
    put(*services, key, ip);
    t.run();
  }
  void ack(std::uint16_t port, std::int64_t reference) {
    pushes->heard(at(port), R"({"type":"push-ack","data":"","lastRefTime":)" +
                                std::to_string(reference) + '}');
  }
  std::vector<heard_datagram> take() { return std::exchange(socket->sent, {}); }
};

}  // namespace

TEST_CASE("changes within half a second make one push, with what the service is then") {
  rig r;
  r.subscribe(orders, 5000);
  r.change(orders, "10.0.0.1");
  r.t.pass(300ms);
  r.change(orders, "10.0.0.2");
  CHECK(r.take().empty());
  r.t.pass(210ms);
  const auto sent = r.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].port == 5000);
  CHECK(sent[0].content()["type"] == "dom");
  CHECK(sent[0].content()["data"] == "orders []: 10.0.0.1 10.0.0.2");
  r.t.pass(5s);
  CHECK(r.take().empty());
}

TEST_CASE("a service that stands still or that nobody subscribed is not pushed") {
  rig r;
  r.change(orders, "10.0.0.1");
  r.subscribe(orders, 5000);
  r.change(bills, "10.0.0.1");
  r.t.pass(5s);
  CHECK(r.take().empty());
}

TEST_CASE("each subscriber gets one push, for the clusters that it asked for") {
  rig r;
  r.subscribe(orders, 5000);
  r.subscribe(orders, 5001, "a,b");
  r.subscribe(orders, 5002, "a,b");
  r.subscribe(bills, 5003);
  r.change(orders, "10.0.0.1");
  r.t.pass(1s);
  const auto sent = r.take();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].content()["data"] == "orders []: 10.0.0.1");
  CHECK(sent[1].content()["data"] == "orders [a,b]: 10.0.0.1");
  CHECK(sent[2].bytes == sent[1].bytes);
}

TEST_CASE("references rise with every packet even when the clock stands still") {
  rig r;
  r.subscribe(orders, 5000);
  r.subscribe(bills, 5000);
  std::int64_t last = 0;
  for (int i = 1; i <= 5; ++i) {
    r.change(i % 2 == 0 ? orders : bills, "10.0.0." + std::to_string(i));
    r.t.pass(1s);
    const auto sent = r.take();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].reference() > last);
    last = sent[0].reference();
  }
}

TEST_CASE("a client that knows numbers as doubles only acknowledges what was pushed") {
  rig r;
  r.subscribe(orders, 5000);
  for (int i = 1; i <= 20; ++i) {
    r.change(orders, "10.0.0." + std::to_string(i));
    r.t.pass(1s);
    const auto sent = r.take();
    REQUIRE(sent.size() == 1);
    r.pushes->heard(at(5000), R"({"type":"push-ack","data":"","lastRefTime":)" +
                                  as_javascript(sent[0].reference()) + '}');
    REQUIRE(r.pushes->counts().acked == static_cast<std::uint64_t>(i));
  }
}

TEST_CASE("a push without acknowledgement is repeated once, one with is not") {
  rig r;
  r.subscribe(orders, 5000);
  r.subscribe(orders, 5001);
  r.change(orders, "10.0.0.1");
  r.t.pass(1s);
  const auto sent = r.take();
  REQUIRE(sent.size() == 2);
  r.ack(5000, sent[0].reference());
  r.t.pass(11s);
  const auto again = r.take();
  REQUIRE(again.size() == 1);
  CHECK(again[0].port == 5001);
  CHECK(again[0].bytes == sent[1].bytes);
  r.t.pass(11s);
  CHECK(r.take().empty());
  CHECK(r.pushes->counts().acked == 1);
  CHECK(r.pushes->counts().failed == 1);
}

TEST_CASE("whoever no longer polls is forgotten, and then no timer runs any more") {
  rig r;
  r.subscribe(orders, 5000);
  r.t.pass(25s);
  CHECK(r.pushes->subscribers(orders).size() == 1);
  r.subscribe(orders, 5000);
  r.t.pass(29s);
  CHECK(r.pushes->subscribers(orders).size() == 1);
  r.t.pass(2s);
  CHECK(r.pushes->subscribers(orders).empty());
  r.change(orders, "10.0.0.1");
  r.t.pass(2s);
  CHECK(r.take().empty());
  CHECK(r.t.timers() == 0);
  r.subscribe(orders, 5000);
  r.t.pass(31s);
  CHECK(r.pushes->subscribers(orders).empty());
}

TEST_CASE("a list that the Go client cannot read whole is not pushed to it, but to others") {
  rig r;
  r.subscribe(orders, 5000, "", "Nacos-Go-Client:v1.1.5");
  r.subscribe(orders, 5001);
  r.padding = 2'000;
  r.change(orders, "10.0.0.1");
  r.t.pass(1s);
  CHECK(r.take().size() == 2);
  r.padding = 12'000;
  r.change(orders, "10.0.0.2");
  r.t.pass(1s);
  const auto sent = r.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].port == 5001);
  CHECK(is_gzip(sent[0].bytes));
  CHECK(r.pushes->counts().skipped == 1);
}

TEST_CASE("what fits into no datagram is left to the poll") {
  rig r;
  r.subscribe(orders, 5000);
  r.padding = 300'000;
  r.change(orders, "10.0.0.1");
  r.t.pass(1s);
  r.padding = 5U << 20U;
  r.change(orders, "10.0.0.2");
  r.t.pass(1s);
  CHECK(r.take().empty());
  CHECK(r.pushes->counts().skipped == 2);
  CHECK(r.pushes->counts().pushed == 0);
}

TEST_CASE("nothing is pushed while pushing is switched off, nor before the node knows everything") {
  rig r(false);
  r.subscribe(orders, 5000);
  r.change(orders, "10.0.0.1");
  r.t.pass(1s);
  CHECK(r.take().empty());
  load(*r.services);
  push_switches off;
  off.enabled = false;
  r.pushes->use(off);
  r.change(orders, "10.0.0.2");
  r.t.pass(1s);
  CHECK(r.take().empty());
  r.pushes->use({});
  r.change(orders, "10.0.0.3");
  r.t.pass(1s);
  CHECK(r.take().size() == 1);
}

TEST_CASE("a service that is gone is pushed as one without hosts") {
  rig r;
  r.change(orders, "10.0.0.1");
  r.subscribe(orders, 5000);
  r.services->instance_erased(orders.view(), "10.0.0.1:80#false");
  r.services->service_erased(orders.view());
  r.services->committed();
  r.t.pass(1s);
  const auto sent = r.take();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].content()["data"] == "orders []:");
}

TEST_CASE("a thousand services that change together are all pushed") {
  rig r;
  for (int i = 0; i < 1'000; ++i) {
    const service_key key{"public", "g", "s" + std::to_string(i)};
    r.subscribe(key, 5000);
  }
  for (int i = 0; i < 1'000; ++i) {
    put(*r.services, {"public", "g", "s" + std::to_string(i)}, "10.0.0.1");
  }
  r.t.pass(1s);
  CHECK(r.take().size() == 1'000);
}

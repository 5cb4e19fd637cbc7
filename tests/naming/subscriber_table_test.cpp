// Who is subscribed, for how long, and what becomes of pushes.
#include "naming/subscriber_table.hpp"

#include <catch2/catch.hpp>

using namespace troupe::naming;
using namespace std::chrono_literals;
using boost::asio::ip::make_address;

namespace {

const service_key orders{"public", "g", "orders"};
const service_key bills{"public", "g", "bills"};
constexpr auto java = "Nacos-Java-Client:v1.4.7";

subscriber client_at(std::uint16_t port, const std::string& clusters = "",
                     const std::string& agent = java, const std::string& ip = "127.0.0.1") {
  return {ip, port, agent, "shop", clusters};
}

struct rig {
  subscriber_table table{{}};
  subscriber_table::time_point now{1h};

  subscription_outcome subscribe(const service_key& key, const subscriber& who) {
    return table.subscribe(key, who, now).outcome;
  }
  void sent(const service_key& key, std::uint16_t port, std::int64_t reference) {
    table.sent(key, at(port), reference, std::make_shared<const std::string>("packet"), now);
  }
  static subscriber_table::endpoint at(std::uint16_t port) {
    return {make_address("127.0.0.1"), port};
  }
};

}  // namespace

TEST_CASE("a subscriber is listed with what it said last, by service and by client") {
  rig r;
  CHECK(r.subscribe(orders, client_at(5001)) == subscription_outcome::accepted);
  CHECK(r.subscribe(orders, client_at(5000)) == subscription_outcome::accepted);
  CHECK(r.subscribe(bills, client_at(5000)) == subscription_outcome::accepted);
  CHECK(r.subscribe(orders, client_at(5000, "a,b")) == subscription_outcome::accepted);
  const auto listed = r.table.subscribers(orders);
  REQUIRE(listed.size() == 2);
  CHECK(listed[0] == client_at(5000, "a,b"));
  CHECK(listed[1] == client_at(5001));
  CHECK(r.table.clients() ==
        std::vector<std::string>{"127.0.0.1:5000#true", "127.0.0.1:5001#true"});
  CHECK(r.table.subscribed_by("127.0.0.1:5000#true") == std::vector{bills, orders});
  CHECK(r.table.subscribed_by("127.0.0.1:5001#true") == std::vector{orders});
  for (const auto* nobody : {"127.0.0.1:5002#true", "127.0.0.1:5000#false", "127.0.0.1:#true",
                             ":5000#true", "5000#true", "127.0.0.1:5000x#true", "#true", ""}) {
    INFO(nobody);
    CHECK(r.table.subscribed_by(nobody).empty());
  }
  CHECK(r.table.counts().subscribers == 2);
  CHECK(r.table.counts().subscriptions == 3);
}

TEST_CASE("who cannot be pushed to is not subscribed") {
  rig r;
  for (const auto& who :
       {client_at(0), client_at(5000, "", "curl/7.88.1"), client_at(5000, "", java, "host.example"),
        client_at(5000, "", java, "")}) {
    CHECK(r.subscribe(orders, who) == subscription_outcome::not_pushable);
  }
  push_switches off;
  off.enabled = false;
  r.table.use(off);
  CHECK(r.subscribe(orders, client_at(5000)) == subscription_outcome::not_pushable);
  CHECK(r.table.is_idle());
}

TEST_CASE("a client that no longer calls is forgotten after 30 s, with all it subscribed") {
  rig r;
  r.subscribe(orders, client_at(5000));
  r.subscribe(bills, client_at(5000));
  r.now += 20s;
  r.subscribe(orders, client_at(5000));
  r.now += 29s;
  r.table.expire(r.now);
  CHECK(r.table.subscribers(bills).size() == 1);
  r.now += 1s;
  r.table.expire(r.now);
  CHECK(r.table.subscribers(orders).empty());
  CHECK(r.table.subscribers(bills).empty());
  CHECK_FALSE(r.table.is_watched(orders));
  CHECK(r.table.is_idle());
  CHECK(r.table.counts().subscriptions == 0);
}

TEST_CASE("beyond the limit nobody new is subscribed, and who is stays") {
  rig r;
  subscriber_limits few;
  few.subscriptions_max = 2;
  subscriber_table table(few);
  CHECK(table.subscribe(orders, client_at(1), r.now).outcome == subscription_outcome::accepted);
  CHECK(table.subscribe(bills, client_at(1), r.now).outcome == subscription_outcome::accepted);
  CHECK(table.subscribe(orders, client_at(2), r.now).outcome == subscription_outcome::too_many);
  CHECK(table.subscribe(orders, client_at(1), r.now).outcome == subscription_outcome::accepted);
  CHECK(table.clients().size() == 1);
}

TEST_CASE("a push that is not acknowledged is repeated once, after 10 s, and then given up") {
  rig r;
  r.subscribe(orders, client_at(5000));
  r.sent(orders, 5000, 1);
  r.now += 9'999ms;
  CHECK(r.table.expire(r.now).empty());
  r.now += 1ms;
  const auto again = r.table.expire(r.now);
  REQUIRE(again.size() == 1);
  CHECK(again[0].to == rig::at(5000));
  CHECK(*again[0].packet == "packet");
  r.subscribe(orders, client_at(5000));
  r.now += 10s;
  CHECK(r.table.expire(r.now).empty());
  const auto counts = r.table.counts();
  CHECK(counts.pushed == 1);
  CHECK(counts.repeated == 1);
  CHECK(counts.failed == 1);
  CHECK(counts.acked == 0);
}

TEST_CASE("what is acknowledged is not repeated, and its cost is counted") {
  rig r;
  r.subscribe(orders, client_at(5000));
  r.sent(orders, 5000, 1);
  r.now += 40ms;
  r.table.acked(rig::at(5001), 1, r.now);
  r.table.acked(rig::at(5000), 2, r.now);
  CHECK(r.table.counts().acked == 0);
  r.table.acked(rig::at(5000), 1, r.now);
  r.table.acked(rig::at(5000), 1, r.now);
  r.now += 60s;
  CHECK(r.table.expire(r.now).empty());
  const auto counts = r.table.counts();
  CHECK(counts.acked == 1);
  CHECK(counts.failed == 0);
  CHECK(counts.cost_ms_total == 40);
  CHECK(counts.cost_ms_max == 40);
}

TEST_CASE("a push that a later one of the same service has overtaken is not repeated") {
  rig r;
  r.subscribe(orders, client_at(5000));
  r.subscribe(bills, client_at(5000));
  r.sent(orders, 5000, 1);
  r.sent(bills, 5000, 2);
  r.now += 5s;
  r.sent(orders, 5000, 3);
  r.now += 5s;
  CHECK(r.table.expire(r.now).size() == 1);
  r.subscribe(orders, client_at(5000));
  r.now += 5s;
  CHECK(r.table.expire(r.now).size() == 1);
}

TEST_CASE("receivers are those that the switches allow now, each with what it can read") {
  rig r;
  r.subscribe(orders, client_at(5000, "a"));
  r.subscribe(orders, client_at(5001, "", "Nacos-Go-Client:v1.1.5"));
  auto found = r.table.receivers(orders);
  REQUIRE(found.size() == 2);
  CHECK(found[0].clusters == "a");
  CHECK(found[0].bytes_max == 65'507);
  CHECK(found[1].bytes_max == 4'000);
  push_switches s;
  s.java = {2, 0, 0};
  r.table.use(s);
  found = r.table.receivers(orders);
  REQUIRE(found.size() == 1);
  CHECK(found[0].to == rig::at(5001));
  CHECK(r.table.receivers(bills).empty());
}

// The health checker's memory: whom it probes, when, and what it makes of the answers.
#include "naming/probe_book.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace troupe::naming;
using namespace std::chrono_literals;
namespace told = troupe::processors::naming;

namespace {

const service_key orders{"public", "g", "orders"};
const service_key bills{"public", "g", "bills"};

host_ptr make_host(const std::string& ip, std::uint16_t port = 80, bool healthy = true) {
  auto h = std::make_shared<host>();
  h->ip = ip;
  h->port = port;
  h->cluster = "DEFAULT";
  h->healthy = healthy;
  return h;
}

service_ptr make_service(const service_key& key, std::vector<host_ptr> hosts) {
  auto s = std::make_shared<service>();
  s->key = key;
  s->hosts = std::move(hosts);
  return s;
}

probe_outcome outcome_of(probe_verdict v) {
  return {v, probe_time{5}, v == probe_verdict::success ? "" : "it says no"};
}

struct rig {
  probe_book book{7};
  probe_book::time_point now{1h};

  void see(const service_key& key, std::vector<host_ptr> hosts) {
    book.see(key, hosts.empty() ? nullptr : make_service(key, std::move(hosts)), now);
  }
  /// Labels of those that are due once so much time has passed; they rest.
  std::map<std::string, probe_book::id> due_after(std::chrono::milliseconds time) {
    now += time;
    std::map<std::string, probe_book::id> out;
    for (const auto& d : book.take_due(now, 1'000'000)) out[book.find(d.who)->label()] = d.who;
    return out;
  }
  std::vector<health_flip> finish(probe_book::id who, probe_verdict v) {
    return book.finish(who, outcome_of(v), now);
  }
};

}  // namespace

TEST_CASE("first probes come after two seconds, spread up to the longest pause") {
  rig r;
  std::vector<host_ptr> hosts;
  for (int i = 0; i < 2'000; ++i) hosts.push_back(make_host("10.0.0.1", std::uint16_t(1 + i)));
  r.see(orders, hosts);
  CHECK(r.due_after(1999ms).empty());
  const auto early = r.due_after(1s).size();
  CHECK(early > 600);
  CHECK(early < 1'800);
  CHECK(early + r.due_after(4001ms).size() == 2'000);
}

TEST_CASE("an address in many services is probed once and counts for all of them") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  r.see(bills, {make_host("10.0.0.1")});
  CHECK(r.book.targets() == 1);
  CHECK(r.book.instances() == 2);
  const auto due = r.due_after(8s);
  REQUIRE(due.size() == 1);
  const auto flips = r.finish(due.at("TCP 10.0.0.1:80"), probe_verdict::hard_failure);
  REQUIRE(flips.size() == 2);
  CHECK(flips[0].service != flips[1].service);
  CHECK(flips[0].reason == "TCP 10.0.0.1:80: it says no");
  CHECK_FALSE(flips[0].healthy);
}

TEST_CASE("a target that is being probed is not due again before it is done") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  const auto due = r.due_after(8s);
  REQUIRE(due.size() == 1);
  CHECK(r.due_after(1h).empty());
  r.finish(due.begin()->second, probe_verdict::success);
  CHECK(r.due_after(999ms).empty());
  CHECK(r.due_after(6s).size() == 1);
}

TEST_CASE("a flip is asked for once until it is answered, and again when that failed") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  const auto who = r.due_after(8s).at("TCP 10.0.0.1:80");
  const auto flips = r.finish(who, probe_verdict::hard_failure);
  REQUIRE(flips.size() == 1);
  CHECK(r.finish(who, probe_verdict::hard_failure).empty());
  r.book.flip_answered(flips[0]);
  CHECK(r.finish(who, probe_verdict::hard_failure) == flips);
}

TEST_CASE("soft failures go on counting while a flip cannot be committed") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  const auto who = r.due_after(8s).at("TCP 10.0.0.1:80");
  CHECK(r.finish(who, probe_verdict::soft_failure).empty());
  CHECK(r.finish(who, probe_verdict::soft_failure).empty());
  const auto flips = r.finish(who, probe_verdict::soft_failure);
  REQUIRE(flips.size() == 1);
  r.book.flip_answered(flips[0]);
  CHECK(r.finish(who, probe_verdict::soft_failure).size() == 1);
}

TEST_CASE(
    "a committed flip begins the count anew, a registration that changes no health does not") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  const auto who = r.due_after(8s).at("TCP 10.0.0.1:80");
  r.finish(who, probe_verdict::soft_failure);
  r.finish(who, probe_verdict::soft_failure);
  auto heavier = std::make_shared<host>(*make_host("10.0.0.1"));
  heavier->weight = 5;
  r.see(orders, {heavier});
  const auto flips = r.finish(who, probe_verdict::soft_failure);
  REQUIRE(flips.size() == 1);

  r.see(orders, {make_host("10.0.0.1", 80, false)});
  r.book.flip_answered(flips[0]);
  CHECK(r.finish(who, probe_verdict::success).empty());
  CHECK(r.finish(who, probe_verdict::success).empty());
  const auto back = r.finish(who, probe_verdict::success);
  REQUIRE(back.size() == 1);
  CHECK(back[0].healthy);
  CHECK(back[0].reason == "TCP 10.0.0.1:80: answers again");
}

TEST_CASE("who went is probed no more, and what his last probe says counts for nobody") {
  rig r;
  r.see(orders, {make_host("10.0.0.1"), make_host("10.0.0.2")});
  auto due = r.due_after(8s);
  REQUIRE(due.size() == 2);
  r.see(orders, {make_host("10.0.0.2")});
  CHECK(r.book.find(due.at("TCP 10.0.0.1:80")) == nullptr);
  CHECK(r.finish(due.at("TCP 10.0.0.1:80"), probe_verdict::hard_failure).empty());
  // He came back: that is another target, which the old probe says nothing of.
  r.see(orders, {make_host("10.0.0.1"), make_host("10.0.0.2")});
  CHECK(r.finish(due.at("TCP 10.0.0.1:80"), probe_verdict::hard_failure).empty());
  r.see(orders, {});
  CHECK(r.book.instances() == 0);
  CHECK(r.book.targets() == 0);
  CHECK_FALSE(r.book.next_deadline());
}

TEST_CASE("an instance that an operator switches off is let alone until it is switched on") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  const auto who = r.due_after(8s).at("TCP 10.0.0.1:80");
  auto off = std::make_shared<host>(*make_host("10.0.0.1"));
  off->enabled = false;
  r.see(orders, {off});
  CHECK(r.book.instances() == 0);
  CHECK(r.finish(who, probe_verdict::hard_failure).empty());
  r.see(orders, {make_host("10.0.0.1")});
  CHECK(r.book.instances() == 1);
}

TEST_CASE("another checker is another target, probed anew") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  auto s = std::make_shared<service>();
  s->key = orders;
  s->hosts = {make_host("10.0.0.1")};
  auto settings = std::make_shared<told::service_settings>();
  settings->clusters["DEFAULT"].checker.type = "HTTP";
  s->settings = settings;
  r.book.see(orders, s, r.now);
  CHECK(r.book.instances() == 1);
  CHECK(r.book.targets() == 1);
  CHECK(r.due_after(8s).contains("HTTP 10.0.0.1:80"));
}

TEST_CASE("switches say whether everything is to be looked at again") {
  probe_book book{1};
  auto s = book.switches();
  s.times = 7;
  CHECK_FALSE(book.use(s));
  s.enabled = false;
  CHECK(book.use(s));
  CHECK_FALSE(book.use(s));
  s.white_list.insert("g@@orders");
  CHECK(book.use(s));
}

TEST_CASE("how many soft failures it takes is obeyed while probing") {
  rig r;
  r.see(orders, {make_host("10.0.0.1")});
  const auto who = r.due_after(8s).at("TCP 10.0.0.1:80");
  r.finish(who, probe_verdict::soft_failure);
  auto s = r.book.switches();
  s.times = 2;
  r.book.use(s);
  CHECK(r.finish(who, probe_verdict::soft_failure).size() == 1);
}

TEST_CASE("of many that are due some are taken, the earliest first") {
  rig r;
  std::vector<host_ptr> hosts;
  for (int i = 0; i < 100; ++i) hosts.push_back(make_host("10.0.0.1", std::uint16_t(1 + i)));
  r.see(orders, hosts);
  r.now += 8s;
  CHECK(r.book.take_due(r.now, 30).size() == 30);
  CHECK(r.book.take_due(r.now, 1'000).size() == 70);
}

// Services as such, and the health of many instances. nacos-spec C.13.3, E.2.1.
#include <catch2/catch.hpp>

#include "processors/naming_service_messages.hpp"
#include "tests/processors/naming_fixture.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr naming::stamp at(std::uint64_t ms) {
  return {ms, 1, raft::node_id{1}};
}

reply make(naming_group& g, const naming::service& s = orders, std::uint64_t ms = 1'000) {
  return g.apply(naming::encode(naming::service_command{naming::verb_service_add, s, at(ms)}));
}

reply drop(naming_group& g, const naming::service& s = orders, std::uint64_t ms = 1'000) {
  return g.apply(naming::encode(naming::service_command{naming::verb_service_remove, s, at(ms)}));
}

naming::write_reply expire(naming_group& g, std::uint64_t cutoff_ms,
                           std::vector<naming::service> services = {orders}) {
  const auto r =
      g.apply(naming::encode(naming::expire_services{cutoff_ms, std::move(services), at(99'000)}));
  REQUIRE(r.error == "");
  return naming::decode_write_reply(r.data).value();
}

naming::health_change turn(std::string_view ip, bool healthy, std::string_view reason = "why",
                           std::string_view cluster = "DEFAULT") {
  return {orders, ip, 80, cluster, healthy, reason};
}

naming::write_reply turn_all(naming_group& g, std::vector<naming::health_change> changes,
                             std::uint64_t ms = 2'000) {
  const auto r = g.apply(naming::encode(naming::change_health{std::move(changes), at(ms)}));
  REQUIRE(r.error == "");
  return naming::decode_write_reply(r.data).value();
}

}  // namespace

TEST_CASE("naming: SERVICE_ADD makes an empty service, once") {
  naming_group g;
  const auto made = make(g);
  CHECK(naming::decode_write_reply(made.data).value() ==
        naming::write_reply{true, raft::log_index{1}});
  CHECK(instances(g, orders).known);
  CHECK(instances(g, orders).hosts.empty());
  CHECK(make(g).error == "specified service DEFAULT_GROUP@@orders already exists!");
  CHECK(write(g, add("10.0.0.1", 80)).changed);
}

TEST_CASE("naming: SERVICE_ADD is refused for a service that a registration made") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  CHECK(make(g).error == "specified service DEFAULT_GROUP@@orders already exists!");
}

TEST_CASE("naming: SERVICE_REMOVE takes only an empty service away") {
  naming_group g;
  CHECK(drop(g).error == "service DEFAULT_GROUP@@orders not found!");
  write(g, add("10.0.0.1", 80));
  CHECK(drop(g).error ==
        "Service DEFAULT_GROUP@@orders is not empty, can't be delete. Please unregister instance "
        "first");
  write(g, removal("10.0.0.1", 80));
  CHECK(drop(g).success);
  CHECK_FALSE(instances(g, orders).known);
  CHECK(drop(g).error == "service DEFAULT_GROUP@@orders not found!");
  CHECK(make(g).success);
}

TEST_CASE("naming: the change stamp does not fall when a service is removed and comes back") {
  naming_group g;
  make(g, orders, 5'000);
  const auto before = instances(g, orders).changed_ms;
  drop(g, orders, 10);
  const auto gone = instances(g, orders).changed_ms;
  CHECK(gone > before);
  make(g, orders, 10);
  CHECK(instances(g, orders).changed_ms > gone);
}

TEST_CASE("naming: SERVICE_EXPIRE takes empty services that nobody created and nobody touched") {
  naming_group g;
  write(g, add("10.0.0.1", 80));  // stamped 1'000
  CHECK_FALSE(expire(g, 50'000).changed);
  write(g, removal("10.0.0.1", 80));  // 1'001
  CHECK_FALSE(expire(g, 1'001).changed);
  CHECK(instances(g, orders).known);
  CHECK(expire(g, 1'002).changed);
  CHECK_FALSE(instances(g, orders).known);
  CHECK_FALSE(expire(g, 50'000).changed);
}

TEST_CASE("naming: what a user created does not expire") {
  naming_group g;
  make(g);
  CHECK_FALSE(expire(g, 50'000).changed);
  write(g, add("10.0.0.1", 80));
  write(g, removal("10.0.0.1", 80));
  CHECK_FALSE(expire(g, 50'000).changed);
  CHECK(instances(g, orders).known);
}

TEST_CASE("naming: one SERVICE_EXPIRE takes those of many that are due") {
  naming_group g;
  const naming::service used{"public", "DEFAULT_GROUP", "used"};
  const naming::service unknown{"public", "DEFAULT_GROUP", "unknown"};
  write(g, add("10.0.0.1", 80));
  write(g, removal("10.0.0.1", 80));
  write(g, add("10.0.0.1", 80, used));
  CHECK(expire(g, 50'000, {unknown, orders, used, orders}).changed);
  CHECK_FALSE(instances(g, orders).known);
  CHECK(instances(g, used).known);
}

TEST_CASE("naming: HEALTH turns many instances at once and says when and why") {
  naming_group g;
  for (const auto* ip : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) write(g, add(ip, 80));
  CHECK(turn_all(g, {turn("10.0.0.1", false, "refused"), turn("10.0.0.3", false, "silent")}) ==
        naming::write_reply{true, raft::log_index{4}});
  const auto found = instances(g, orders);
  CHECK(found.revision == 4);
  CHECK(found.changed_ms == 2'000);
  CHECK_FALSE(found.hosts[0].healthy);
  CHECK(found.hosts[0].health_since_ms == 2'000);
  CHECK(found.hosts[0].health_reason == "refused");
  CHECK(found.hosts[1].healthy);
  CHECK(found.hosts[1].health_since_ms == 0);
  CHECK(found.hosts[2].health_reason == "silent");
}

TEST_CASE("naming: HEALTH passes over what is gone, moved or already so") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  CHECK(turn_all(g, {turn("10.0.0.1", false)}).changed);
  const auto before = g.keys();
  CHECK(turn_all(g, {turn("10.0.0.1", false, "another reason"), turn("10.0.0.2", false),
                     turn("10.0.0.1", true, "", "west")}) == naming::write_reply{});
  CHECK(g.keys() == before);
}

TEST_CASE("naming: HEALTH stamps each service that it touches") {
  naming_group g;
  const naming::service other{"public", "DEFAULT_GROUP", "other"};
  write(g, add("10.0.0.1", 80));
  write(g, add("10.0.0.1", 80, other));
  auto elsewhere = turn("10.0.0.1", false);
  elsewhere.service = other;
  turn_all(g, {turn("10.0.0.1", false), elsewhere}, 2'000);
  CHECK(instances(g, orders).revision == 3);
  CHECK(instances(g, other).revision == 3);
  CHECK(instances(g, orders).changed_ms != instances(g, other).changed_ms);
}

TEST_CASE("naming: since when and why an instance is healthy outlives what does not change it") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  turn_all(g, {turn("10.0.0.1", false, "refused")});
  auto again = add("10.0.0.1", 80);
  again.instance.weight = 3;
  again.stamp.proposer_ms = 9'000;

  SECTION("a registration that keeps the health") {
    write(g, again);
    CHECK(instances(g, orders).hosts[0].health_since_ms == 2'000);
    CHECK(instances(g, orders).hosts[0].health_reason == "refused");
  }
  SECTION("a registration that does not is a change of its own") {
    again.keep_health = false;
    write(g, again);
    CHECK(instances(g, orders).hosts[0].healthy);
    CHECK(instances(g, orders).hosts[0].health_since_ms == 9'000);
    CHECK(instances(g, orders).hosts[0].health_reason == "registered again");
  }
  SECTION("in another cluster it is another instance") {
    again.instance.cluster = "west";
    write(g, again);
    CHECK(instances(g, orders).hosts[0].health_since_ms == 0);
    CHECK(instances(g, orders).hosts[0].health_reason == "");
  }
}

TEST_CASE("naming: HEALTH and SERVICE_EXPIRE have limits in apply") {
  naming_group g;
  const std::string long_reason(257, 'r');
  CHECK(
      g.apply(naming::encode(naming::change_health{{turn("10.0.0.1", false, long_reason)}, at(1)}))
          .error == "Persistent client operation failed. health_reason: has more than 256 bytes");
  const std::vector<naming::health_change> many(513, turn("10.0.0.1", false));
  CHECK(g.apply(naming::encode(naming::change_health{many, at(1)})).error ==
        "Persistent client operation failed. changes: has more than 512 elements");
  const std::vector<naming::service> services(1'025, orders);
  CHECK(g.apply(naming::encode(naming::expire_services{1, services, at(1)})).error ==
        "Persistent client operation failed. services: has more than 1024 elements");
  const std::vector<naming::health_change> most(512, turn("10.0.0.1", false));
  CHECK(g.apply(naming::encode(naming::change_health{most, at(1)})).success);
  CHECK(g.keys().empty());
}

TEST_CASE("naming: cut and foreign entries about services are refused and leave no trace") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  const auto before = g.keys();
  const std::vector<std::string> good{
      naming::encode(naming::service_command{naming::verb_service_remove, orders, at(1)}),
      naming::encode(naming::expire_services{1, {orders}, at(1)}),
      naming::encode(naming::change_health{{turn("10.0.0.1", false)}, at(1)}),
  };
  for (const auto& whole : good) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      CHECK_FALSE(g.apply(whole.substr(0, cut)).success);
    }
    CHECK_FALSE(g.apply(whole + "x").success);
  }
  CHECK(g.keys() == before);
}

TEST_CASE("naming: a log with poison in it is applied again to the same state and answers") {
  std::vector<std::string> log{
      naming::encode(add("10.0.0.1", 80)),
      "rubbish",
      naming::encode(naming::service_command{"NO_SUCH_VERB", orders, at(1)}),
      naming::encode(naming::change_health{{turn("10.0.0.1", false)}, at(2'000)}),
      std::string(1'000'000, '\x91'),
      naming::encode(naming::service_command{naming::verb_service_add, orders, at(3)}),
      naming::encode(removal("10.0.0.1", 80)),
      naming::encode(naming::expire_services{9'000, {orders}, at(4)}),
  };
  naming_group first;
  naming_group again;
  for (const auto& entry : log) {
    const auto answer = first.apply(entry);
    const auto second = again.apply(entry);
    CHECK(answer.success == second.success);
    CHECK(answer.error == second.error);
    CHECK(answer.data == second.data);
    CHECK(first.keys() == again.keys());
  }
  CHECK_FALSE(instances(first, orders).known);
}

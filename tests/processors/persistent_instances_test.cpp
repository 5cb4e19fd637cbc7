#include "processors/persistent_instances.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "processors/naming_state.hpp"
#include "tests/processors/naming_fixture.hpp"

using namespace troupe;
using namespace troupe::processors;
using namespace troupe::test;

TEST_CASE("naming: ADD makes the service and the instance") {
  naming_group g;
  CHECK_FALSE(instances(g, orders).known);
  CHECK(write(g, add("10.0.0.1", 80)) == naming::write_reply{true, raft::log_index{1}});
  const auto found = instances(g, orders);
  CHECK(found.known);
  CHECK(found.revision == 1);
  REQUIRE(found.hosts.size() == 1);
  CHECK(found.hosts[0] == host{"10.0.0.1", 80, "DEFAULT", true, true, 1.0, "", {}});
}

TEST_CASE("naming: ADD keeps every field of the instance") {
  naming_group g;
  auto c = add("db.example.org", 65535);
  c.instance.cluster = "west";
  c.instance.healthy = false;
  c.instance.enabled = false;
  c.instance.weight = 2.5;
  c.instance.instance_id = "17#west#g@@s";
  c.instance.metadata = {{"a", "1"}, {"b", "ü"}};
  write(g, c);
  CHECK(instances(g, orders).hosts[0] == host{"db.example.org",
                                              65535,
                                              "west",
                                              false,
                                              false,
                                              2.5,
                                              "17#west#g@@s",
                                              {{"a", "1"}, {"b", "ü"}}});
}

TEST_CASE("naming: a client has one instance in a service, also under another cluster") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  auto moved = add("10.0.0.1", 80);
  moved.instance.cluster = "west";
  CHECK(write(g, moved).changed);
  const auto found = instances(g, orders);
  REQUIRE(found.hosts.size() == 1);
  CHECK(found.hosts[0].cluster == "west");
  CHECK(services(g, "public")[0].instances == 1);
}

TEST_CASE("naming: registering a known instance again keeps its committed health") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  write(g, flip("10.0.0.1", 80, false));
  auto again = add("10.0.0.1", 80);
  again.instance.weight = 3;
  CHECK(write(g, again).changed);
  CHECK_FALSE(instances(g, orders).hosts[0].healthy);
  CHECK(instances(g, orders).hosts[0].weight == 3);

  SECTION("unless the proposer says that nobody checks its cluster") {
    again.keep_health = false;
    write(g, again);
    CHECK(instances(g, orders).hosts[0].healthy);
  }
  SECTION("unless it moved to another cluster") {
    again.instance.cluster = "west";
    write(g, again);
    CHECK(instances(g, orders).hosts[0].healthy);
  }
  SECTION("unless it was deleted in between") {
    write(g, removal("10.0.0.1", 80));
    write(g, again);
    CHECK(instances(g, orders).hosts[0].healthy);
  }
}

TEST_CASE("naming: a new instance takes the health that it is registered with") {
  naming_group g;
  auto c = add("10.0.0.1", 80);
  c.instance.healthy = false;
  write(g, c);
  CHECK_FALSE(instances(g, orders).hosts[0].healthy);
}

TEST_CASE("naming: CHANGE touches only what exists, and succeeds either way") {
  naming_group g;
  CHECK(write(g, flip("10.0.0.1", 80, false)) == naming::write_reply{});
  CHECK(g.keys().empty());
  write(g, add("10.0.0.2", 80));
  CHECK_FALSE(write(g, flip("10.0.0.1", 80, false)).changed);
  CHECK(write(g, flip("10.0.0.2", 80, false)).changed);
  CHECK_FALSE(instances(g, orders).hosts[0].healthy);
  CHECK(write(g, flip("10.0.0.2", 80, true)).changed);
  CHECK(instances(g, orders).hosts[0].healthy);
}

TEST_CASE("naming: DELETE is idempotent and looks at the client only") {
  naming_group g;
  CHECK_FALSE(write(g, removal("10.0.0.1", 80)).changed);
  CHECK(g.keys().empty());
  write(g, add("10.0.0.1", 80));
  write(g, add("10.0.0.1", 81));
  auto other_cluster = removal("10.0.0.1", 80);
  other_cluster.instance.cluster = "west";
  CHECK(write(g, other_cluster).changed);
  CHECK_FALSE(write(g, other_cluster).changed);
  REQUIRE(instances(g, orders).hosts.size() == 1);
  CHECK(instances(g, orders).hosts[0].port == 81);
}

TEST_CASE("naming: a service outlives its last instance, its client does not") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  write(g, removal("10.0.0.1", 80));
  CHECK(instances(g, orders).known);
  CHECK(instances(g, orders).hosts.empty());
  REQUIRE(services(g, "public").size() == 1);
  CHECK(services(g, "public")[0].instances == 0);
  for (const auto& [key, value] : g.keys()) CHECK((key[0] == 's' || key[0] == 'h'));
}

TEST_CASE("naming: services whose names begin alike do not mix") {
  naming_group g;
  const naming::service longer{"public", "DEFAULT_GROUP", "orders2"};
  const naming::service elsewhere{"public2", "DEFAULT_GROUP", "orders"};
  write(g, add("10.0.0.1", 80, orders));
  write(g, add("10.0.0.2", 80, longer));
  write(g, add("10.0.0.3", 80, elsewhere));
  CHECK(instances(g, orders).hosts.size() == 1);
  CHECK(instances(g, longer).hosts[0].ip == "10.0.0.2");
  CHECK(instances(g, elsewhere).hosts[0].ip == "10.0.0.3");
}

TEST_CASE("naming: instances can be asked for by cluster and by client") {
  naming_group g;
  for (const auto* cluster : {"a", "b", "c"}) {
    const auto ip = std::string("10.0.0.") + cluster;
    auto c = add(ip, 80);
    c.instance.cluster = cluster;
    write(g, c);
  }
  CHECK(instances(g, orders, {"a", "c"}).hosts.size() == 2);
  CHECK(instances(g, orders, {"x"}).hosts.empty());
  CHECK(instances(g, orders, {"x"}).known);
  CHECK(one_instance(g, orders, "10.0.0.b", 80).hosts[0].cluster == "b");
  CHECK(one_instance(g, orders, "10.0.0.b", 81).hosts.empty());
}

TEST_CASE("naming: services are listed by namespace, by group and in pages") {
  naming_group g;
  for (const auto* group : {"g1", "g2"}) {
    for (const auto* name : {"a", "b", "c"}) {
      write(g, add("10.0.0.1", 80, {"public", group, name}));
    }
  }
  write(g, add("10.0.0.1", 80, {"dev", "g1", "z"}));
  CHECK(services(g, "public").size() == 6);
  CHECK(services(g, "dev").size() == 1);
  CHECK(services(g, "pub").empty());
  CHECK(services(g, "public", "g2").size() == 3);
  CHECK(services(g, "public", "g").empty());

  const auto first = g.ask(naming::encode(naming::list_services{"public", "", "", "", 4}));
  const auto page = naming::decode_services_reply(first.data);
  REQUIRE(page);
  CHECK(page->more);
  REQUIRE(page->services.size() == 4);
  CHECK(page->services[3].service_group == "g2");
  CHECK(page->services[3].name == "a");
  const auto rest = g.ask(naming::encode(naming::list_services{"public", "", "g2", "a", 4}));
  const auto last = naming::decode_services_reply(rest.data);
  REQUIRE(last);
  CHECK_FALSE(last->more);
  REQUIRE(last->services.size() == 2);
  CHECK(last->services[0].name == "b");
}

TEST_CASE("naming: the change stamp rises with every change and never falls") {
  naming_group g;
  CHECK(instances(g, orders).changed_ms == 0);
  auto c = add("10.0.0.1", 80);
  c.stamp.proposer_ms = 5'000;
  write(g, c);
  CHECK(instances(g, orders).changed_ms == 5'000);

  c.instance.weight = 2;
  c.stamp.proposer_ms = 5'000;  // within the same millisecond
  write(g, c);
  CHECK(instances(g, orders).changed_ms == 5'001);

  c.instance.weight = 3;
  c.stamp.proposer_ms = 1'000;  // proposed by a node whose clock is behind
  write(g, c);
  CHECK(instances(g, orders).changed_ms == 5'002);

  const naming::service unknown{"public", "DEFAULT_GROUP", "unknown"};
  CHECK(instances(g, unknown).changed_ms == 5'002);
  auto other = add("10.0.0.1", 80, unknown);
  other.stamp.proposer_ms = 10;
  write(g, other);
  CHECK(instances(g, unknown).changed_ms == 5'003);
  CHECK(instances(g, orders).changed_ms == 5'002);
}

TEST_CASE("naming: a command that changes nothing leaves revision and stamp alone") {
  naming_group g;
  write(g, add("10.0.0.1", 80));
  const auto before = g.keys();
  auto again = add("10.0.0.1", 80);
  again.stamp = {99'999, 7, raft::node_id{3}};
  CHECK(write(g, again) == naming::write_reply{false, raft::log_index{1}});
  CHECK(g.keys() == before);
}

TEST_CASE("naming: ephemeral instances are refused") {
  naming_group g;
  auto c = add("10.0.0.1", 80);
  c.ephemeral = true;
  CHECK(g.apply(naming::encode(c)).error ==
        "Persistent client operation failed. ephemeral instances do not belong into this group");
  c.ephemeral = false;
  write(g, c);
  c.ephemeral = true;
  CHECK(g.apply(naming::encode(c)).error ==
        "errCode: 400, errMsg: Current service DEFAULT_GROUP@@orders is persistent service, can't "
        "register ephemeral instance. ");
}

TEST_CASE("naming: verbs without meaning and unknown ones are told apart") {
  naming_group g;
  for (const std::string verb : {"VERIFY", "SNAPSHOT", "QUERY"}) {
    auto c = add("10.0.0.1", 80);
    c.verb = verb;
    CHECK(g.apply(naming::encode(c)).error == "unsupport operation : " + verb);
  }
  auto c = add("10.0.0.1", 80);
  c.verb = "add";
  CHECK(g.apply(naming::encode(c)).error ==
        "Persistent client operation failed. verb: add is unknown");
  CHECK(g.keys().empty());
}

TEST_CASE("naming: every limit holds in apply") {
  struct limit {
    std::string field;
    std::size_t bytes_max;
    std::function<void(naming::command&, std::string_view)> set;
  };
  const std::vector<limit> limits{
      {"namespace", 64, [](auto& c, auto v) { c.service.namespace_id = v; }},
      {"service group", 128, [](auto& c, auto v) { c.service.service_group = v; }},
      {"service name", 2'048, [](auto& c, auto v) { c.service.name = v; }},
      {"ip", 512, [](auto& c, auto v) { c.instance.ip = v; }},
      {"cluster", 64, [](auto& c, auto v) { c.instance.cluster = v; }},
  };
  naming_group g;
  for (const auto& l : limits) {
    auto c = add("10.0.0.1", 80);
    const std::string most(l.bytes_max, 'x');
    l.set(c, most);
    CHECK(g.apply(naming::encode(c)).success);
    const auto more = most + "x";
    l.set(c, more);
    CHECK(g.apply(naming::encode(c)).error == "Persistent client operation failed. " + l.field +
                                                  ": has more than " + std::to_string(l.bytes_max) +
                                                  " bytes");
    l.set(c, "");
    CHECK(g.apply(naming::encode(c)).error ==
          "Persistent client operation failed. " + l.field + ": is empty");
    l.set(c, std::string_view("a\0b", 3));
    CHECK(g.apply(naming::encode(c)).error ==
          "Persistent client operation failed. " + l.field + ": holds a NUL byte");
  }
}

TEST_CASE("naming: weight and metadata have limits in apply") {
  naming_group g;
  for (const double weight : {-0.1, 10'000.1, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
    auto c = add("10.0.0.1", 80);
    c.instance.weight = weight;
    CHECK(g.apply(naming::encode(c)).error ==
          "Persistent client operation failed. weight: is not between 0 and 10000");
  }
  auto c = add("10.0.0.1", 80);
  const std::string large(8'191, 'v');
  c.instance.metadata = {{"k", large}};
  CHECK(g.apply(naming::encode(c)).success);
  c.instance.metadata = {{"kk", large}};
  CHECK(g.apply(naming::encode(c)).error ==
        "Persistent client operation failed. metadata: has more than 8192 bytes");
  c.instance.metadata.assign(1'025, {"", ""});
  CHECK(g.apply(naming::encode(c)).error ==
        "Persistent client operation failed. metadata: has more than 1024 pairs");
  c = add("10.0.0.1", 80);
  c.stamp.proposer_ms = naming::proposer_ms_max + 1;
  CHECK_FALSE(g.apply(naming::encode(c)).success);
}

TEST_CASE("naming: queries beyond their limits are refused") {
  naming_group g;
  CHECK_FALSE(g.ask(naming::encode(naming::list_services{"public", "", "", "", 0})).success);
  CHECK_FALSE(g.ask(naming::encode(naming::list_services{"public", "", "", "", 1'001})).success);
  const std::vector<std::string_view> clusters(1'025, "c");
  CHECK_FALSE(g.ask(naming::encode(naming::list_instances{orders, clusters})).success);
  CHECK_FALSE(g.ask("rubbish").success);
}

TEST_CASE("naming: a service too large for one answer is listed by cluster") {
  // Straight into a state: 4,000 commands over copies of a large map would take minutes.
  persistence::memory_state state;
  const persistent_instances p;
  const std::string large(8'000, 'v');
  auto write = state.begin();
  naming::service_record record;
  record.instances = 4'000;
  write->put(naming::service_key(orders), naming::encode_record(record));
  for (unsigned i = 0; i < 4'000; ++i) {
    naming::instance instance;
    instance.ip = "10.0.0.1";
    instance.port = static_cast<std::uint16_t>(i);
    instance.cluster = i % 2 == 0 ? "a" : "b";
    instance.metadata = {{"k", large}};
    write->put(naming::instance_key(orders, naming::client_id(instance.ip, instance.port)),
               naming::encode_record(instance));
  }
  static_cast<void>(write->commit({raft::log_index{1}, raft::term{1}, {}}));
  const auto view = state.view();
  CHECK(p.query(naming::encode(naming::list_instances{orders, {}}), *view).error ==
        "Persistent client operation failed. the instances have more than 25165824 bytes: ask for "
        "fewer clusters");
  const auto half = p.query(naming::encode(naming::list_instances{orders, {"a"}}), *view);
  const auto decoded = naming::decode_instances_reply(half.data);
  REQUIRE(decoded);
  CHECK(decoded->instances.size() == 2'000);
  CHECK(decoded->total == 4'000);
}

TEST_CASE("naming: a service that is full refuses new instances and keeps serving known ones") {
  persistence::memory_state state;
  persistent_instances p;
  auto write = state.begin();
  naming::service_record record;
  record.instances = naming::instances_per_service_max;
  write->put(naming::service_key(orders), naming::encode_record(record));
  const auto known = add("10.0.0.1", 80);
  write->put(naming::instance_key(orders, "10.0.0.1:80#false"),
             naming::encode_record(known.instance));
  const auto apply = [&](const naming::command& c) {
    return p.apply({raft::log_index{1}, raft::term{1}, raft::bytes(naming::encode(c))}, *write);
  };
  CHECK(apply(add("10.0.0.2", 80)).error ==
        "Persistent client operation failed. service DEFAULT_GROUP@@orders has 20000 instances "
        "already");
  auto again = known;
  again.instance.weight = 2;
  CHECK(apply(again).success);
  CHECK(apply(removal("10.0.0.1", 80)).success);
  CHECK(apply(add("10.0.0.2", 80)).success);
}

TEST_CASE("naming: only asking for one instance does not scan") {
  const persistent_instances p;
  CHECK(p.query_may_scan(naming::encode(naming::list_instances{orders, {}})));
  CHECK(p.query_may_scan(naming::encode(naming::list_services{"public", "", "", "", 1})));
  CHECK_FALSE(p.query_may_scan(naming::encode(naming::get_instance{orders, "a", 1})));
  CHECK_FALSE(p.query_may_scan("rubbish"));
}

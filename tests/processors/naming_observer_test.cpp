// What observers of the naming groups hear, and when.
#include <catch2/catch.hpp>

#include "processors/naming_service_messages.hpp"
#include "tests/processors/naming_fixture.hpp"
#include "tests/processors/recorded_naming.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

using lines = std::vector<std::string>;

struct observed {
  observed() { group.processor().observe(seen); }
  std::shared_ptr<recorded_naming> seen = std::make_shared<recorded_naming>();
  naming_group group;
};

}  // namespace

TEST_CASE("observer: a registration is told once it is committed") {
  observed o;
  write(o.group, add("10.0.0.1", 80));
  CHECK(o.seen->take() == lines{"instance public/DEFAULT_GROUP@@orders 10.0.0.1:80#false: DEFAULT "
                                "healthy weight 1",
                                "service public/DEFAULT_GROUP@@orders: 1 at 1000", "committed"});
}

TEST_CASE("observer: nothing is told before the commit, and nothing twice") {
  observed o;
  auto& p = o.group.processor();
  persistence::memory_state state;
  const auto batch = state.begin();
  const raft::bytes data(naming::encode(add("10.0.0.1", 80)));
  REQUIRE(p.apply({raft::log_index{1}, raft::term{1}, data}, *batch).success);
  CHECK(o.seen->take().empty());
  p.committed();
  CHECK(o.seen->take().size() == 3);
  p.committed();
  CHECK(o.seen->take().empty());
}

TEST_CASE("observer: what is applied and never committed is forgotten when the state is opened") {
  observed o;
  auto& p = o.group.processor();
  persistence::memory_state state;
  const auto batch = state.begin();
  const raft::bytes data(naming::encode(add("10.0.0.1", 80)));
  REQUIRE(p.apply({raft::log_index{1}, raft::term{1}, data}, *batch).success);
  p.loaded(*state.view());
  CHECK(o.seen->take() == lines{"instances begin", "instances loaded", "committed"});
  p.committed();
  CHECK(o.seen->take().empty());
}

TEST_CASE("observer: refused and idle commands are not told") {
  observed o;
  write(o.group, add("10.0.0.1", 80));
  o.seen->take();
  auto ephemeral = add("10.0.0.2", 80);
  ephemeral.ephemeral = true;
  CHECK_FALSE(o.group.apply(naming::encode(ephemeral)).success);
  CHECK_FALSE(o.group.apply("rubbish").success);
  write(o.group, add("10.0.0.1", 80));
  CHECK(o.seen->take().empty());
}

TEST_CASE("observer: what is gone is told by its names") {
  observed o;
  write(o.group, add("10.0.0.1", 80));
  o.seen->take();
  write(o.group, removal("10.0.0.1", 80));
  CHECK(o.seen->take() == lines{"instance public/DEFAULT_GROUP@@orders 10.0.0.1:80#false erased",
                                "service public/DEFAULT_GROUP@@orders: 0 at 1001", "committed"});
  const auto gone = o.group.apply(naming::encode(
      naming::service_command{naming::verb_service_remove, orders, {2'000, 1, raft::node_id{1}}}));
  CHECK(gone.success);
  CHECK(o.seen->take() == lines{"service public/DEFAULT_GROUP@@orders erased", "committed"});
}

TEST_CASE("observer: when the state is opened all of it is told, services first") {
  observed o;
  write(o.group, add("10.0.0.1", 80));
  write(o.group, flip("10.0.0.1", 80, false));
  o.seen->take();
  o.group.load();
  CHECK(o.seen->take() ==
        lines{"instances begin", "service public/DEFAULT_GROUP@@orders: 1 at 1001",
              "instance public/DEFAULT_GROUP@@orders 10.0.0.1:80#false: DEFAULT unhealthy weight 1 "
              "since 1000: changed on request",
              "instances loaded", "committed"});
}

TEST_CASE("observer: what is told step by step is what is told at once, after any history") {
  observed o;
  for (unsigned i = 0; i < 500; ++i) {
    const auto ip = "10.0.0." + std::to_string(i * 7 % 13);
    const auto name = "s" + std::to_string(i % 4);
    auto c = i % 5 == 0 ? removal(ip, 80) : i % 3 == 0 ? flip(ip, 80, i % 2 == 0) : add(ip, 80);
    c.service.name = name;
    c.instance.weight = i % 9;
    write(o.group, c);
    if (i % 50 != 0) continue;
    const naming::expire_services all{1'000'000, {c.service}, {1, i, raft::node_id{1}}};
    CHECK(o.group.apply(naming::encode(all)).success);
  }
  const auto stepwise = o.seen->standing();
  REQUIRE(stepwise.size() > 20);
  o.group.load();
  CHECK(o.seen->standing() == stepwise);
}

TEST_CASE("observer: hears who leads the instances") {
  observed o;
  o.group.processor().leader_started(raft::term{3});
  o.group.processor().leader_stopped();
  CHECK(o.seen->take() == lines{"leading", "not leading"});
}

TEST_CASE("observer: a record of an unknown form is left out, the others are told") {
  const auto seen = std::make_shared<recorded_naming>();
  processors::persistent_instances p;
  p.observe(seen);
  persistence::memory_state state;
  const auto batch = state.begin();
  const auto good = add("10.0.0.2", 80);
  batch->put(naming::instance_key(orders, "10.0.0.1:80#false"), "of a later version");
  batch->put(naming::instance_key(orders, "10.0.0.2:80#false"),
             naming::encode_record(good.instance));
  static_cast<void>(batch->commit({raft::log_index{1}, raft::term{1}, {}}));
  p.loaded(*state.view());
  CHECK(seen->standing().size() == 1);
}

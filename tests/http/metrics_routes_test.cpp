// What Prometheus scrapes.
#include <catch2/catch.hpp>

#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;
using Catch::Matchers::Contains;

TEST_CASE("figures of groups, services and connections are told as Prometheus reads them",
          "[metrics]") {
  const running_server s;
  group_status g;
  g.name = "naming_persistent_service_v2";
  g.core.soft.role = raft::role::leader;
  g.core.soft.leader = raft::node_id{7};
  g.core.soft.term = raft::term{4};
  g.core.commit = raft::log_index{120};
  g.pending_proposals = 3;
  s.cluster->shown.groups = {g};
  // Its own; a later request may come before the server has noticed that this one is closed.
  CHECK_THAT(s.get("/metrics").body, Contains("troupe_http_connections 1\n"));
  for (const auto* path : {"/metrics", "/nacos/actuator/prometheus"}) {
    const auto r = s.get(path);
    CHECK(r.status == 200);
    CHECK(r.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    const std::string group = "{group=\"naming_persistent_service_v2\"} ";
    CHECK_THAT(r.body, Contains("# TYPE troupe_group_term gauge\n"));
    CHECK_THAT(r.body, Contains("troupe_group_term" + group + "4\n"));
    CHECK_THAT(r.body, Contains("troupe_group_leader" + group + "1\n"));
    CHECK_THAT(r.body, Contains("troupe_group_commit_index" + group + "120\n"));
    CHECK_THAT(r.body, Contains("troupe_group_pending_proposals" + group + "3\n"));
    CHECK_THAT(r.body, Contains("nacos_monitor{module=\"naming\",name=\"leaderStatus\"} 1\n"));
    CHECK_THAT(r.body, Contains("nacos_monitor{module=\"naming\",name=\"serviceCount\"} 0\n"));
    CHECK_THAT(r.body, Contains("nacos_monitor{module=\"config\",name=\"configCount\"} 0\n"));
  }
}

TEST_CASE("of a group that is being restarted only that is told", "[metrics]") {
  const running_server s;
  group_status g;
  g.name = "kv";
  g.available = false;
  s.cluster->shown.groups = {g};
  const auto r = s.get("/metrics");
  CHECK_THAT(r.body, Contains("troupe_group_available{group=\"kv\"} 0\n"));
  CHECK_THAT(r.body, !Contains("troupe_group_term{"));
}

TEST_CASE("what the node does for services by itself is told when it does it", "[metrics]") {
  const running_server idle;
  CHECK_THAT(idle.get("/metrics").body, !Contains("troupe_health") && !Contains("troupe_push"));

  http::naming_services naming;
  naming.health = [] {
    naming::health_counts c;
    c.active = true;
    c.instances = 12;
    c.probes = 345;
    return c;
  };
  const running_server busy({}, naming);
  const auto r = busy.get("/metrics");
  CHECK_THAT(r.body, Contains("troupe_health_active 1\n"));
  CHECK_THAT(r.body, Contains("troupe_health_instances 12\n"));
  CHECK_THAT(r.body, Contains("# TYPE troupe_health_probes_total counter\n"));
  CHECK_THAT(r.body, Contains("troupe_health_probes_total 345\n"));
}

TEST_CASE("how long writes take in each stage is told as a histogram", "[metrics]") {
  const running_server s;
  CHECK_THAT(s.get("/metrics").body, !Contains("troupe_write_stage_seconds"));
  actors::latency_histogram sync;
  using namespace std::chrono_literals;
  sync.add(20us);
  sync.add(3ms, 4);
  sync.add(1h);
  s.cluster->shown.write_stages = {{"sync", sync.read()}};
  s.cluster->shown.made_way = 2;
  const auto r = s.get("/metrics");
  CHECK_THAT(r.body, Contains("# TYPE troupe_write_stage_seconds histogram\n"));
  const std::string bucket = "troupe_write_stage_seconds_bucket{stage=\"sync\",le=";
  CHECK_THAT(r.body, Contains(bucket + "\"2e-05\"} 1\n"));
  CHECK_THAT(r.body, Contains(bucket + "\"0.002\"} 1\n"));
  CHECK_THAT(r.body, Contains(bucket + "\"0.005\"} 5\n"));
  CHECK_THAT(r.body, Contains(bucket + "\"5\"} 5\n"));
  CHECK_THAT(r.body, Contains(bucket + "\"+Inf\"} 6\n"));
  CHECK_THAT(r.body, Contains("troupe_write_stage_seconds_count{stage=\"sync\"} 6\n"));
  CHECK_THAT(r.body, Contains("troupe_write_stage_seconds_sum{stage=\"sync\"} 3600.01"));
  CHECK_THAT(r.body, Contains("# TYPE troupe_leaderships_made_way_total counter\n"));
  CHECK_THAT(r.body, Contains("troupe_leaderships_made_way_total 2\n"));
}

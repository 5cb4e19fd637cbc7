// Settings of services and clusters. nacos-spec E.2.
#include "processors/service_metadata.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <limits>

#include "tests/processors/applied_group.hpp"
#include "tests/processors/recorded_naming.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::processors::naming;
using settings_group = applied_group<processors::service_metadata>;

namespace {

constexpr service orders{"public", "DEFAULT_GROUP", "orders"};

constexpr stamp at(std::uint64_t ms) {
  return {ms, 1, raft::node_id{1}};
}

cluster_settings probed(const std::string& type) {
  cluster_settings c;
  c.checker.type = type;
  return c;
}

write_reply write(settings_group& g, std::string_view verb, service_settings settings,
                  std::uint64_t ms = 1'000) {
  const auto r = g.apply(encode(settings_command{verb, orders, std::move(settings), at(ms)}));
  REQUIRE(r.error == "");
  return decode_write_reply(r.data).value();
}

write_reply expire(settings_group& g, std::uint64_t cutoff_ms, std::vector<service> services) {
  const auto r = g.apply(encode(expire_settings{cutoff_ms, std::move(services), at(99'000)}));
  REQUIRE(r.error == "");
  return decode_write_reply(r.data).value();
}

settings_reply read(const settings_group& g, const service& s = orders) {
  const auto r = g.ask(encode(get_settings{s}));
  REQUIRE(r.success);
  return decode_settings_reply(r.data).value();
}

service_settings full() {
  service_settings s;
  s.protect_threshold = 0.7;
  s.selector_type = "label";
  s.selector_expression = "CONSUMER.label.zone = PROVIDER.label.zone";
  s.metadata = {{"owner", "ü"}};
  s.clusters["west"] = probed("HTTP");
  s.clusters["west"].checker.path = "/health";
  s.clusters["west"].checker.headers = "Host:a|X-K:v";
  s.clusters["west"].checker.expected_code = 204;
  s.clusters["west"].check_port = 8'081;
  s.clusters["west"].use_instance_port = false;
  s.clusters["east"] = probed("MYSQL");
  s.clusters["east"].checker.user = "u";
  s.clusters["east"].checker.password = "p";
  s.clusters["east"].checker.command = "select 1";
  s.clusters["east"].metadata = {{"a", "b"}};
  return s;
}

}  // namespace

TEST_CASE("settings: CHANGE makes a record with all of it, and says when it was written") {
  settings_group g;
  CHECK_FALSE(read(g).known);
  CHECK(write(g, verb_change, full()) == write_reply{true, raft::log_index{1}});
  CHECK(read(g) == settings_reply{true, {full(), 1'000}});
}

TEST_CASE("settings: ADD where there is a record puts its clusters and nothing else") {
  settings_group g;
  write(g, verb_add, full());
  service_settings given;
  given.protect_threshold = 0.1;
  given.metadata = {{"other", "x"}};
  given.clusters["west"] = probed("NONE");
  given.clusters["north"] = probed("TCP");
  CHECK(write(g, verb_add, given).changed);
  auto expected = full();
  expected.clusters["west"] = probed("NONE");
  expected.clusters["north"] = probed("TCP");
  CHECK(read(g).record.settings == expected);
}

TEST_CASE("settings: CHANGE where there is a record keeps its clusters") {
  settings_group g;
  write(g, verb_add, full());
  service_settings given;
  given.protect_threshold = 0.1;
  given.clusters["north"] = probed("TCP");
  CHECK(write(g, verb_change, given).changed);
  auto expected = given;
  expected.clusters = full().clusters;
  CHECK(read(g).record.settings == expected);
}

TEST_CASE("settings: a write that changes nothing says so, and is stamped all the same") {
  settings_group g;
  write(g, verb_change, full(), 1'000);
  CHECK(write(g, verb_change, full(), 5'000) == write_reply{});
  CHECK(read(g).record.written_ms == 5'000);
  CHECK_FALSE(expire(g, 5'000, {orders}).changed);
}

TEST_CASE("settings: DELETE is idempotent") {
  settings_group g;
  CHECK_FALSE(write(g, verb_delete, {}).changed);
  write(g, verb_change, full());
  CHECK(write(g, verb_delete, {}).changed);
  CHECK_FALSE(write(g, verb_delete, {}).changed);
  CHECK(g.keys().empty());
}

TEST_CASE("settings: EXPIRE takes what was last written before the cutoff") {
  settings_group g;
  const service unknown{"public", "g", "unknown"};
  write(g, verb_change, full(), 1'000);
  CHECK_FALSE(expire(g, 1'000, {orders, unknown}).changed);
  CHECK(expire(g, 1'001, {unknown, orders, orders}).changed);
  CHECK_FALSE(read(g).known);
}

TEST_CASE("settings: verbs without meaning are refused by name, rubbish with what is wrong") {
  settings_group g;
  for (const std::string verb : {"QUERY", "add", "PATCH", ""}) {
    CHECK(g.apply(encode(settings_command{verb, orders, full(), at(1)})).error ==
          "Unsupported operation " + verb);
  }
  CHECK(g.apply("").error.rfind("Service metadata operation failed. payload: ", 0) == 0);
  CHECK(g.ask("rubbish").error.rfind("Service metadata operation failed. payload: ", 0) == 0);
  CHECK(g.keys().empty());
}

TEST_CASE("settings: every limit holds in apply") {
  struct limit {
    std::string field;
    std::size_t bytes_max;
    std::function<void(service_settings&, const std::string&)> set;
  };
  const auto cluster = [](service_settings& s) -> cluster_settings& { return s.clusters["c"]; };
  const std::vector<limit> limits{
      {"selector type", 64, [](auto& s, auto& v) { s.selector_type = v; }},
      {"selector expression", 8'192, [](auto& s, auto& v) { s.selector_expression = v; }},
      {"cluster", 64, [](auto& s, auto& v) { s.clusters[v] = {}; }},
      {"health checker path", 2'048, [&](auto& s, auto& v) { cluster(s).checker.path = v; }},
      {"health checker headers", 4'096, [&](auto& s, auto& v) { cluster(s).checker.headers = v; }},
      {"health checker user", 256, [&](auto& s, auto& v) { cluster(s).checker.user = v; }},
      {"health checker password", 256, [&](auto& s, auto& v) { cluster(s).checker.password = v; }},
      {"health checker command", 4'096, [&](auto& s, auto& v) { cluster(s).checker.command = v; }},
      {"metadata", 8'192, [](auto& s, auto& v) { s.metadata[""] = v; }},
      {"cluster metadata", 8'192, [&](auto& s, auto& v) { cluster(s).metadata[""] = v; }},
  };
  for (const auto& l : limits) {
    settings_group g;
    service_settings s;
    l.set(s, std::string(l.bytes_max, 'x'));
    CHECK(write(g, verb_change, s).changed);
    const auto before = g.keys();
    l.set(s, std::string(l.bytes_max + 1, 'x'));
    CHECK(g.apply(encode(settings_command{verb_change, orders, s, at(1)})).error ==
          "Service metadata operation failed. " + l.field + ": has more than " +
              std::to_string(l.bytes_max) + " bytes");
    CHECK(g.keys() == before);
  }
}

TEST_CASE("settings: threshold, checker and answer code are what they may be") {
  const auto refusal = [](const service_settings& s) {
    settings_group g;
    return g.apply(encode(settings_command{verb_change, orders, s, at(1)})).error;
  };
  service_settings s;
  for (const double threshold : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    s.protect_threshold = threshold;
    CHECK(refusal(s) ==
          "Service metadata operation failed. protect threshold: is not between 0 and 1");
  }
  s = {};
  s.clusters["c"] = probed("ICMP");
  CHECK(refusal(s) ==
        "Service metadata operation failed. health checker type: is none of TCP, HTTP, MYSQL and "
        "NONE");
  s.clusters["c"] = probed("HTTP");
  s.clusters["c"].checker.expected_code = 1'000;
  CHECK(refusal(s) ==
        "Service metadata operation failed. health checker expected code: is above 999");
}

TEST_CASE("settings: a service has so many clusters and not one more") {
  settings_group g;
  service_settings most;
  for (unsigned i = 0; i < clusters_per_service_max; ++i) most.clusters["c" + std::to_string(i)];
  CHECK(write(g, verb_add, most).changed);
  service_settings one;
  one.clusters["c0"] = probed("NONE");
  CHECK(write(g, verb_add, one).changed);
  one.clusters["another"];
  CHECK(g.apply(encode(settings_command{verb_add, orders, one, at(1)})).error ==
        "Service metadata operation failed. clusters: the service would have more than 128");
}

TEST_CASE("settings: the largest record that one may make can be read again") {
  cluster_settings largest;
  for (unsigned i = 0; i < metadata_pairs_max; ++i) largest.metadata[std::to_string(i)] = "v";
  settings_record record;
  record.settings.metadata = largest.metadata;
  for (unsigned c = 0; c < clusters_per_service_max; ++c) {
    record.settings.clusters["c" + std::to_string(c)] = largest;
  }
  const auto decoded = decode_settings_record(encode_record(record));
  REQUIRE(decoded);
  CHECK(*decoded == record);
}

TEST_CASE("settings: observers hear what is committed, and all of it when the state is opened") {
  settings_group g;
  const auto seen = std::make_shared<recorded_naming>();
  g.processor().observe(seen);
  write(g, verb_change, full());
  using lines = std::vector<std::string>;
  const std::string record =
      "settings public/DEFAULT_GROUP@@orders: threshold 0.7, east MYSQL, west HTTP";
  CHECK(seen->take() == lines{record, "committed"});
  g.load();
  CHECK(seen->take() == lines{"settings begin", record, "settings loaded", "committed"});
  write(g, verb_delete, {});
  CHECK(seen->take() == lines{"settings public/DEFAULT_GROUP@@orders erased", "committed"});
}

TEST_CASE("settings: the same entries, poison among them, give the same state and answers") {
  settings_group one;
  settings_group two;
  for (unsigned i = 0; i < 300; ++i) {
    const auto name = "s" + std::to_string(i % 5);
    auto settings = full();
    settings.protect_threshold = i % 3 / 2.0;
    settings.clusters["c" + std::to_string(i % 7)] = probed("NONE");
    const service s{"public", "g", name};
    const auto verb = i % 4 == 0 ? verb_delete : i % 2 == 0 ? verb_add : verb_change;
    auto bytes = i % 11 == 0 ? encode(expire_settings{900 + i, {s}, at(i)})
                             : encode(settings_command{verb, s, settings, at(1'000 + i)});
    if (i % 13 == 0) bytes.resize(bytes.size() / 2);
    const auto first = one.apply(bytes);
    const auto second = two.apply(bytes);
    CHECK(first.success == (i % 13 != 0));
    CHECK(first.data == second.data);
    CHECK(first.error == second.error);
  }
  CHECK(one.keys() == two.keys());
}

TEST_CASE("on disk: the key of settings, do not change") {
  settings_group g;
  g.apply(encode(settings_command{verb_add, {"n", "g", "s"}, {}, at(7)}));
  REQUIRE(g.keys().size() == 1);
  CHECK(hex(g.keys().begin()->first) == "736e00670073");
}

// The switches that operators turn at run time. nacos-spec C.6.
#include "processors/naming_switches.hpp"

#include <catch2/catch.hpp>

#include "processors/naming_switch_messages.hpp"
#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::processors::naming;
using switch_group = applied_group<processors::naming_switches>;

namespace {

constexpr stamp at{258, 2, raft::node_id{1}};

std::string refusal(std::string_view entry, std::string_view value) {
  switches s;
  const auto set = set_switch(s, entry, value);
  CHECK(s == switches{});
  return set ? "" : set.error();
}

switches with(std::string_view entry, std::string_view value) {
  switches s;
  const auto set = set_switch(s, entry, value);
  INFO(entry << "=" << value);
  REQUIRE(set);
  return s;
}

reply turn(switch_group& g, std::string_view entry, std::string_view value) {
  return g.apply(encode(write_switch{entry, value, at}));
}

}  // namespace

TEST_CASE("switches: flags are true or false, in any case") {
  CHECK_FALSE(with("check", "false").health_check_enabled);
  CHECK_FALSE(with("pushEnabled", "FALSE").push_enabled);
  CHECK(with("sendBeatOnly", "True").send_beat_only);
  CHECK(with("disableAddIP", "true").disable_add_ip);
  CHECK_FALSE(with("distro", "false").distro_enabled);
  CHECK_FALSE(with("enableStandalone", "false").enable_standalone);
  CHECK_FALSE(with("lightBeatEnabled", "false").light_beat_enabled);
  CHECK_FALSE(with("defaultInstanceEphemeral", "false").default_instance_ephemeral);
  CHECK_FALSE(with("autoChangeHealthCheckEnabled", "false").auto_change_health_check_enabled);
  CHECK(refusal("check", "yes") == "the value of check is neither true nor false");
  CHECK(refusal("check", "") == "the value of check is neither true nor false");
}

TEST_CASE("switches: numbers have their least and their most") {
  struct range {
    std::string entry;
    std::uint64_t least;
    std::uint64_t (*read)(const switches&);
  };
  const std::vector<range> ranges{
      {"healthCheckTimes", 1, [](const switches& s) { return std::uint64_t{s.check_times}; }},
      {"pushCacheMillis", 10'000, [](const switches& s) { return s.push_cache_ms; }},
      {"defaultCacheMillis", 1'000, [](const switches& s) { return s.default_cache_ms; }},
      {"clientBeatInterval", 1, [](const switches& s) { return s.client_beat_interval_ms; }},
      {"serviceStatusSynchronizationPeriodMillis", 5'000,
       [](const switches& s) { return s.service_status_period_ms; }},
      {"serverStatusSynchronizationPeriodMillis", 1'000,
       [](const switches& s) { return s.server_status_period_ms; }},
      {"distroServerExpiredMillis", 1,
       [](const switches& s) { return s.distro_server_expired_ms; }},
  };
  for (const auto& r : ranges) {
    CHECK(r.read(with(r.entry, std::to_string(r.least))) == r.least);
    CHECK(r.read(with(r.entry, "2147483647")) == 2'147'483'647);
    const auto text = "the value of " + r.entry + " is not a number from " +
                      std::to_string(r.least) + " to 2147483647";
    for (const auto& bad : {std::to_string(r.least - 1), std::string("2147483648"),
                            std::string("-1"), std::string("x"), std::string(), std::string("5s"),
                            std::string("99999999999999999999999")}) {
      CHECK(refusal(r.entry, bad) == text);
    }
  }
  CHECK(with("distroThreshold", "0.5").distro_threshold == 0.5);
  for (const auto* bad : {"0", "-1", "inf", "nan", "x"}) {
    CHECK(refusal("distroThreshold", bad) ==
          "the value of distroThreshold is not a number above 0");
  }
}

TEST_CASE("switches: the status of the server is one of four, and can be given back") {
  auto s = with("overriddenServerStatus", "READ_ONLY");
  CHECK(s.overridden_server_status == "READ_ONLY");
  REQUIRE(set_switch(s, "overriddenServerStatus", "null"));
  CHECK(s.overridden_server_status.empty());
  REQUIRE(set_switch(s, "overriddenServerStatus", "DOWN"));
  REQUIRE(set_switch(s, "overriddenServerStatus", ""));
  CHECK(s.overridden_server_status.empty());
  CHECK(refusal("overriddenServerStatus", "up") ==
        "the value of overriddenServerStatus is none of UP, DOWN, READ_ONLY, WRITE_ONLY and null");
}

TEST_CASE("switches: limited URLs each have a code, and replace those before") {
  auto s = with("limitedUrlMap", "/nacos/v1/ns:503,/a:b:404");
  CHECK(s.limited_urls ==
        std::map<std::string, std::uint32_t>{{"/nacos/v1/ns", 503}, {"/a:b", 404}});
  REQUIRE(set_switch(s, "limitedUrlMap", "/x:500"));
  CHECK(s.limited_urls.size() == 1);
  REQUIRE(set_switch(s, "limitedUrlMap", ""));
  CHECK(s.limited_urls.empty());
  for (const auto* bad : {"/a", ":500", "/a:500,,", "/a:500,/b"}) {
    CHECK(refusal("limitedUrlMap", bad) == "the value of limitedUrlMap is not url:code,url:code");
  }
  for (const auto* bad : {"/a:0", "/a:1000", "/a:", "/a:x"}) {
    CHECK(refusal("limitedUrlMap", bad) ==
          "the value of limitedUrlMap has a code that is not from 1 to 999");
  }
  std::string many;
  for (int i = 0; i < 257; ++i) many += "/" + std::to_string(i) + ":500,";
  many.pop_back();
  CHECK(refusal("limitedUrlMap", many) == "the value of limitedUrlMap has more than 256 URLs");
}

TEST_CASE("switches: probe intervals are JSON, with defaults for what is not named") {
  CHECK(with("tcpHealthParams", R"({"max":6000,"min":500,"factor":0.5})").tcp_health ==
        probe_interval{6'000, 500, 0.5});
  CHECK(with("httpHealthParams", R"({"factor":1})").http_health == probe_interval{5'000, 500, 1});
  CHECK(with("mysqlHealthParams", "{}").mysql_health == probe_interval{3'000, 2'000, 0.65});
  const std::vector<std::pair<std::string, std::string>> bad{
      {"", R"(is not {"max":…,"min":…,"factor":…})"},
      {"[1]", R"(is not {"max":…,"min":…,"factor":…})"},
      {std::string(8'000, '['), R"(is not {"max":…,"min":…,"factor":…})"},
      {R"({"max":"5000"})", "has a field that is no number"},
      {R"({"min":499})", "has a min below 500"},
      {R"({"max":2999})", "has a max below 3000"},
      {R"({"max":1e300})", "has a max above 2147483647"},
      {R"({"max":4000,"min":4001})", "has a min above its max"},
      {R"({"factor":1.01})", "has a factor that is not from 0 to 1"},
      {R"({"factor":-0.01})", "has a factor that is not from 0 to 1"},
  };
  for (const auto* entry : {"tcpHealthParams", "httpHealthParams", "mysqlHealthParams"}) {
    for (const auto& [value, why] : bad) {
      CHECK(refusal(entry, value) == "the value of " + std::string(entry) + " " + why);
    }
  }
}

TEST_CASE("switches: each type of client has its own least version") {
  auto s = with("pushVersion", "java:1.2.3");
  CHECK(s.push_versions.at("java") == "1.2.3");
  CHECK(s.push_versions.at("go") == "0.1.0");
  for (const auto* type : {"go", "python", "c", "csharp"}) {
    CHECK(with("pushVersion", std::string(type) + ":9.9.9").push_versions.at(type) == "9.9.9");
  }
  for (const auto* bad : {"rust:1.2.3", "java", "", ":1.2.3"}) {
    CHECK(refusal("pushVersion", bad) ==
          "the value of pushVersion is not type:version, with a type of java, go, python, c or "
          "csharp");
  }
  for (const auto* bad : {"java:1.2", "java:1.2.3.4", "java:1..3", "java:a.b.c",
                          "java:", "java:1.2.3333333333", "java:1.2.3 "}) {
    CHECK(refusal("pushVersion", bad) ==
          "the value of pushVersion has a version that is not of the form 1.2.3");
  }
}

TEST_CASE("switches: unknown names and values beyond the limit are refused") {
  CHECK(refusal("name", "x") == "there is no switch of the name name");
  CHECK(refusal("masters", std::string(8'193, 'x')) == "the value has more than 8192 bytes");
  CHECK(with("masters", "a,b").masters == std::vector<std::string>{"a", "b"});
  CHECK(with("masters", "").masters.empty());
  CHECK(with("masters", std::string(64, ',')).masters.size() == 64);
  CHECK(refusal("masters", std::string(65, ',')) ==
        "the value of masters has more than 64 masters");
}

TEST_CASE("switches: what is written is told once it is committed, and when the state is opened") {
  switch_group g;
  std::vector<std::shared_ptr<const switches>> told;
  g.processor().observe([&](auto s) { told.push_back(std::move(s)); });
  g.load();
  REQUIRE(told.size() == 1);
  CHECK(*told[0] == switches{});

  CHECK(turn(g, "pushCacheMillis", "20000").success);
  CHECK(turn(g, "pushVersion", "go:2.0.0").success);
  CHECK(turn(g, "pushVersion", "c:3.0.0").success);
  REQUIRE(told.size() == 4);
  auto expected = switches{};
  expected.push_cache_ms = 20'000;
  expected.push_versions["go"] = "2.0.0";
  expected.push_versions["c"] = "3.0.0";
  CHECK(*told[3] == expected);
  CHECK(told[0]->push_cache_ms == 10'000);

  g.load();
  REQUIRE(told.size() == 5);
  CHECK(*told[4] == expected);
}

TEST_CASE("switches: a write of what stands already changes and tells nothing") {
  switch_group g;
  int told = 0;
  g.processor().observe([&](const auto&) { ++told; });
  CHECK(decode_write_reply(turn(g, "check", "false").data).value() ==
        write_reply{true, raft::log_index{1}});
  CHECK(decode_write_reply(turn(g, "check", "false").data).value() == write_reply{});
  CHECK(told == 1);
}

TEST_CASE("switches: apply refuses what the rules refuse, and rubbish, and leaves no trace") {
  switch_group g;
  int told = 0;
  g.processor().observe([&](const auto&) { ++told; });
  CHECK(turn(g, "pushCacheMillis", "1").error ==
        "the value of pushCacheMillis is not a number from 10000 to 2147483647");
  CHECK(turn(g, "nothing", "1").error == "there is no switch of the name nothing");
  CHECK(turn(g, std::string(65, 'x'), "1").error ==
        "Switch operation failed. entry: has more than 64 bytes");
  CHECK(turn(g, "masters", std::string(8'193, 'x')).error ==
        "Switch operation failed. value: has more than 8192 bytes");
  auto good = encode(write_switch{"check", "false", at});
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    CHECK_FALSE(g.apply(good.substr(0, cut)).success);
  }
  good.replace(good.find("WRITE"), 5, "Write");
  CHECK(g.apply(good).error == "Unsupported operation Write");
  CHECK_FALSE(g.ask("rubbish").success);
  CHECK(g.keys().empty());
  CHECK(told == 0);
}

TEST_CASE("switches: what was written can be asked for") {
  switch_group g;
  turn(g, "check", "false");
  turn(g, "pushVersion", "go:2.0.0");
  const auto r = g.ask(encode(list_switches{}));
  const auto listed = decode_switches_reply(r.data);
  REQUIRE(listed);
  const decltype(listed->written) expected{{"check", "false"}, {"pushVersion:go", "go:2.0.0"}};
  CHECK(listed->written == expected);
}

TEST_CASE("in the log, on the wire and on disk: switches, do not change") {
  const auto bytes = encode(write_switch{"check", "false", at});
  CHECK(hex(bytes) == "950101a5575249544592a5636865636ba566616c736593cd01020201");
  CHECK(decode_write_switch(bytes).value() == write_switch{"check", "false", at});
  CHECK(hex(encode(list_switches{})) == "93010202");
  CHECK(hex(encode(switches_reply{{{"a", "b"}}})) == "940103029192a161a162");
  switch_group g;
  g.apply(bytes);
  turn(g, "pushVersion", "go:2.0.0");
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : g.keys()) found.emplace(hex(key), hex(value));
  const std::map<std::string, std::string> expected{
      {"77636865636b", "66616c7365"}, {"777075736856657273696f6e3a676f", "676f3a322e302e30"}};
  CHECK(found == expected);
}

TEST_CASE("switches: the same entries, poison among them, give the same state") {
  switch_group one;
  switch_group two;
  for (unsigned i = 0; i < 200; ++i) {
    const auto bytes = i % 7 == 0 ? std::string("rubbish")
                                  : encode(write_switch{i % 2 == 0 ? "healthCheckTimes" : "masters",
                                                        std::to_string(i % 9), at});
    CHECK(one.apply(bytes).error == two.apply(bytes).error);
  }
  CHECK(one.keys() == two.keys());
}

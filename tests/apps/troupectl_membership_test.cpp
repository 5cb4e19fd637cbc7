#include "apps/troupectl_membership.hpp"

#include <catch2/catch.hpp>

using namespace troupe::apps;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

json group_of(bool joint, std::initializer_list<std::pair<int, const char*>> roles) {
  auto members = json::array();
  for (const auto& [id, role] : roles) {
    members.push_back({{"id", id}, {"address", "h:" + std::to_string(id)}, {"role", role}});
  }
  return {{"joint", joint}, {"committed", true}, {"members", members}};
}

member_change change(const char* text) {
  const auto parsed = parse_member_change(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("a change is written as op:id, with the address of who is added") {
  CHECK(change("add:4@h:4") == member_change{member_op::add, 4, "h:4", false});
  CHECK(change("add-voter:4@[::1]:4") == member_change{member_op::add, 4, "[::1]:4", true});
  CHECK(change("promote:4") == member_change{member_op::promote, 4, "", false});
  CHECK(change("demote:4") == member_change{member_op::demote, 4, "", false});
  CHECK(change("remove:9223372036854775807").id == 9223372036854775807U);
  for (const auto* text : {"add:4@h:4", "add-voter:5@h:5", "promote:4", "demote:4", "remove:1"}) {
    CHECK(to_text(change(text)) == text);
  }
}

TEST_CASE("what is no change is refused with its text and the reason") {
  const std::pair<const char*, const char*> bad[] = {{"", "must be add:ID@HOST:PORT"},
                                                     {"add", "must be add:ID@HOST:PORT"},
                                                     {"kill:4", "must be add:ID"},
                                                     {"promote:", "bad id"},
                                                     {"promote:x", "bad id"},
                                                     {"promote:0", "bad id"},
                                                     {"promote:-1", "bad id"},
                                                     {"promote:9223372036854775808", "bad id"},
                                                     {"add:4", "needs the address"},
                                                     {"add:4@", "needs the address"},
                                                     {"promote:4@h:4", "takes no address"}};
  for (const auto& [text, reason] : bad) {
    const auto parsed = parse_member_change(text);
    REQUIRE_FALSE(parsed);
    CHECK_THAT(parsed.error(), Contains(reason) && Contains('"' + std::string(text) + '"'));
  }
}

TEST_CASE("the body is the one that docs/http-api.md describes") {
  const member_changes all = {change("add:4@h:4"), change("add-voter:5@h:5"), change("promote:6"),
                              change("demote:2"), change("remove:1")};
  CHECK(body_of(all, "explicit") == json::parse(R"({"changes":[
      {"op":"add","id":4,"address":"h:4"},{"op":"add","id":5,"address":"h:5","voter":true},
      {"op":"promote","id":6},{"op":"demote","id":2},{"op":"remove","id":1}],
      "transition":"explicit"})"));
  CHECK(body_of({}, "") == json::parse(R"({"changes":[]})"));
}

TEST_CASE("what a group has already need not be asked for") {
  const auto shown = group_of(false, {{1, "voter"}, {4, "learner"}});
  const auto has = [&shown](const char* text) { return is_done(shown, {change(text)}, ""); };
  CHECK(has("add:4@h:4"));
  CHECK_FALSE(has("add:4@h:5"));
  CHECK_FALSE(has("add-voter:4@h:4"));
  CHECK(has("add-voter:1@h:1"));
  CHECK_FALSE(has("add:1@h:1"));
  CHECK_FALSE(has("add:5@h:5"));
  CHECK(has("promote:1"));
  CHECK_FALSE(has("promote:4"));
  CHECK_FALSE(has("promote:5"));
  CHECK(has("demote:4"));
  CHECK_FALSE(has("demote:5"));
  CHECK(has("remove:5"));
  CHECK_FALSE(has("remove:1"));
  CHECK(is_done(shown, {change("promote:1"), change("remove:5")}, ""));
  CHECK_FALSE(is_done(shown, {change("promote:1"), change("remove:4")}, ""));
  CHECK(is_done(shown, {}, ""));
}

TEST_CASE("a configuration that is not committed proves nothing") {
  auto shown = group_of(false, {{1, "voter"}});
  shown["committed"] = false;
  CHECK_FALSE(is_done(shown, {change("promote:1")}, ""));
  CHECK_FALSE(is_done(shown, {}, ""));
}

TEST_CASE("a joint configuration is the end only of an explicit change") {
  const auto shown = group_of(true, {{1, "outgoing"}, {2, "outgoing"}, {4, "voter"}});
  const member_changes changes = {change("remove:1"), change("demote:2"), change("promote:4")};
  CHECK(is_done(shown, changes, "explicit"));
  CHECK_FALSE(is_done(shown, changes, "implicit"));
  CHECK_FALSE(is_done(shown, {}, ""));
}

TEST_CASE("a change is tried again when it may pass or when its outcome can be looked up") {
  const http_request post{"POST", "/admin/v1/groups/kv/members", {}, {}};
  const auto again = [&post](unsigned status, const std::string& code, bool retriable) {
    const json body{{"code", code}, {"message", "why"}, {"retriable", retriable}};
    return is_worth_another_try(failure_of(post, {status, body.dump(), {}}));
  };
  CHECK(again(503, "no_leader", true));
  CHECK(again(409, "change_pending", false));
  CHECK(again(409, "not_caught_up", false));
  CHECK(again(504, "outcome_unknown", false));
  CHECK_FALSE(again(400, "invalid_argument", false));
  CHECK_FALSE(again(404, "unknown_peer", false));
  CHECK_FALSE(again(404, "unknown_group", false));
}

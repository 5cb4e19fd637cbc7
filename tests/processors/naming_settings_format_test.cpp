// What settings, overlays and commands about services put into the log, onto the wire and onto
// disk, byte for byte.
#include <catch2/catch.hpp>

#include "processors/naming_overlay_messages.hpp"
#include "processors/naming_service_messages.hpp"
#include "processors/naming_settings_messages.hpp"
#include "tests/processors/applied_group.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::processors::naming;

namespace {

constexpr service s{"n", "g", "s"};
constexpr stamp at{258, 2, raft::node_id{1}};
const std::string service_hex = "93a16ea167a173";
const std::string stamp_hex = "93cd01020201";

service_settings settings() {
  service_settings out;
  out.protect_threshold = 0.5;
  out.metadata = {{"k", "v"}};
  auto& cluster = out.clusters["c"];
  cluster.check_port = 81;
  cluster.use_instance_port = false;
  cluster.checker.type = "HTTP";
  cluster.checker.path = "/p";
  cluster.checker.headers = "A:b";
  cluster.metadata = {{"x", ""}};
  return out;
}

const std::string settings_hex =
    "96c2cb3fe0000000000000a46e6f6e65a081a16ba176"
    "81a1639451c297a448545450a22f70a3413a62ccc8a0a0a081a178a0";

/// What is encoded is decoded to the same.
template <class Message, class Decode>
void check_form(const Message& m, Decode decode, const std::string& expected) {
  const auto bytes = encode(m);
  CHECK(hex(bytes) == expected);
  const auto decoded = decode(bytes);
  REQUIRE(decoded);
  CHECK(*decoded == m);
}

}  // namespace

TEST_CASE("in the log: commands about services, do not change") {
  check_form(service_command{verb_service_add, s, at}, decode_service_command,
             "950101ab534552564943455f414444" + service_hex + stamp_hex);
  check_form(service_command{verb_service_remove, s, at}, decode_service_command,
             "950101ae534552564943455f52454d4f5645" + service_hex + stamp_hex);
  check_form(expire_services{7, {s, s}, at}, decode_expire_services,
             "950101ae534552564943455f455850495245"
             "920792" +
                 service_hex + service_hex + stamp_hex);
  check_form(change_health{{{s, "i", 80, "c", false, "r"}}, at}, decode_change_health,
             "950101a64845414c5448"
             "9198a16ea167a173a16950a163c2a172" +
                 stamp_hex);
}

TEST_CASE("in the log: commands about settings, do not change") {
  check_form(settings_command{verb_add, s, settings(), at}, decode_settings_command,
             "950101a3414444"
             "92" +
                 service_hex + settings_hex + stamp_hex);
  check_form(settings_command{verb_change, s, settings(), at}, decode_settings_command,
             "950101a64348414e4745"
             "92" +
                 service_hex + settings_hex + stamp_hex);
  check_form(settings_command{verb_delete, s, {}, at}, decode_settings_command,
             "950101a644454c455445"
             "91" +
                 service_hex + stamp_hex);
  check_form(expire_settings{7, {s}, at}, decode_expire_settings,
             "950101a6455850495245"
             "920791" +
                 service_hex + stamp_hex);
}

TEST_CASE("on the wire and on disk: settings, do not change") {
  check_form(get_settings{s}, decode_settings_query, "96010202a16ea167a173");
  check_form(settings_reply{true, {settings(), 7}}, decode_settings_reply,
             "96010302c307" + settings_hex);
  const settings_record record{settings(), 7};
  CHECK(hex(encode_record(record)) == "9501040207" + settings_hex);
  CHECK(decode_settings_record(encode_record(record)).value() == record);
}

TEST_CASE("in the log: commands about overlays, do not change") {
  const std::string name = "94a16ea167a173a5693a383a63";
  const instance_overlay overlay{false, 1.5, {{"k", "v"}}};
  const std::string overlay_hex = "9391c291cb3ff800000000000081a16ba176";
  const auto tag = overlay_tag("i", 8, "c");
  check_form(overlay_command{verb_add, s, tag, overlay, at}, decode_overlay_command,
             "950101a341444492" + name + overlay_hex + stamp_hex);
  check_form(overlay_command{verb_change, s, tag, overlay, at}, decode_overlay_command,
             "950101a64348414e474592" + name + overlay_hex + stamp_hex);
  check_form(overlay_command{verb_delete, s, tag, {}, at}, decode_overlay_command,
             "950101a644454c45544591" + name + stamp_hex);
  check_form(expire_overlays{7, {{s, tag}}, at}, decode_expire_overlays,
             "950101a6455850495245920791" + name + stamp_hex);
  const overlay_change change{false, 1.5, metadata_edit::merge, {{"k", "v"}}};
  check_form(patch_overlays{s, {tag}, change, at}, decode_patch_overlays,
             "950101a5504154434896" + service_hex + "91a5693a383a63" + "91c291cb3ff8000000000000" +
                 "0281a16ba176" + stamp_hex);
  check_form(patch_overlays{s, {}, {}, at}, decode_patch_overlays,
             "950101a5504154434896" + service_hex + "909090" + "0080" + stamp_hex);
}

TEST_CASE("on the wire and on disk: overlays, do not change") {
  const std::string overlay_hex = "9391c291cb3ff800000000000081a16ba176";
  const overlay_record record{{false, 1.5, {{"k", "v"}}}, 7};
  check_form(get_overlay{{s, "t"}}, decode_overlay_query, "97010202a16ea167a173a174");
  check_form(overlay_reply{true, record}, decode_overlay_reply, "96010302c307" + overlay_hex);
  CHECK(hex(encode_record(record)) == "9501040207" + overlay_hex);
  CHECK(decode_overlay_record(encode_record(record)).value() == record);
}

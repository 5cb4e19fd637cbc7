#include "processors/account_messages.hpp"
#include "processors/configuration_queries.hpp"
#include "processors/key_value_messages.hpp"
#include "processors/namespace_messages.hpp"
#include "processors/naming_messages.hpp"
#include "processors/naming_overlay_messages.hpp"
#include "processors/naming_service_messages.hpp"
#include "processors/naming_settings_messages.hpp"
#include "processors/naming_switch_messages.hpp"
#include "processors/server_messages.hpp"
#include "processors/string_list_messages.hpp"
#include "tests/fuzz/corpus_writing.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

namespace {

using fuzz::seeds;
using raft::log_index;
using raft::node_id;

void write_key_value(const seeds& to) {
  using form = fuzz::processor_form;
  using namespace processors::kv;
  const condition at{condition_kind::version, log_index{5}};
  to.add("kv_put", form::kv_command, encode(put{"key", "value", at}));
  to.add("kv_erase", form::kv_command, encode(erase{"key", {}}));
  to.add("kv_get", form::kv_query, encode(get{"key"}));
  to.add("kv_list", form::kv_query, encode(list{"k", "ke", 10}));
  to.add("kv_written", form::kv_write_reply, encode(write_reply{true, false, log_index{5}}));
  to.add("kv_got", form::kv_get_reply, encode(get_reply{true, log_index{5}, "value"}));
  to.add("kv_listed", form::kv_list_reply,
         encode(list_reply{{{"a", log_index{1}, "1"}, {"b", log_index{2}, ""}}, "c"}));
}

void write_naming(const seeds& to) {
  using form = fuzz::processor_form;
  using namespace processors::naming;
  const service s{"public", "DEFAULT_GROUP", "orders"};
  instance i;
  i.ip = "10.0.0.1";
  i.port = 8080;
  i.weight = 0.5;
  i.metadata = {{"zone", "a"}, {"empty", ""}};
  to.add("naming_add", form::naming_command,
         encode(command{verb_add, s, false, i, true, {1'700'000'000'000, 42, node_id{2}}}));
  to.add("naming_list", form::naming_query, encode(list_instances{s, {"DEFAULT", "other"}}));
  to.add("naming_get", form::naming_query, encode(get_instance{s, "10.0.0.1", 8080}));
  to.add("naming_services", form::naming_query, encode(list_services{"public", "", "", "", 10}));
  to.add("naming_written", form::naming_write_reply, encode(write_reply{true, log_index{5}}));
  to.add("naming_listed", form::naming_instances_reply,
         encode(instances_reply{true, log_index{5}, 1'700, 2, {i, i}}));
  to.add("naming_services_listed", form::naming_services_reply,
         encode(services_reply{{{"g", "orders", 2, log_index{5}, 1'700}}, true}));
  to.add("naming_record", form::naming_record, encode_record(i));
}

void write_naming_settings(const seeds& to) {
  using form = fuzz::naming_form;
  using namespace processors::naming;
  const service s{"public", "DEFAULT_GROUP", "orders"};
  const stamp at{1'700'000'000'000, 42, node_id{2}};
  service_settings settings;
  settings.protect_threshold = 0.5;
  settings.metadata = {{"owner", "a"}};
  settings.clusters["west"].checker.type = "HTTP";
  settings.clusters["west"].checker.path = "/health";
  to.add("service_add", form::service_command, encode(service_command{verb_service_add, s, at}));
  to.add("service_expire", form::expire_services, encode(expire_services{1'700, {s, s}, at}));
  to.add("health", form::change_health,
         encode(change_health{{{s, "10.0.0.1", 80, "DEFAULT", false, "refused"}}, at}));
  to.add("settings_add", form::settings_command,
         encode(settings_command{verb_add, s, settings, at}));
  to.add("settings_delete", form::settings_command,
         encode(settings_command{verb_delete, s, {}, at}));
  to.add("settings_expire", form::expire_settings, encode(expire_settings{1'700, {s}, at}));
  to.add("settings_get", form::settings_query, encode(get_settings{s}));
  to.add("settings_got", form::settings_reply, encode(settings_reply{true, {settings, 1'700}}));
  to.add("settings_record", form::settings_record, encode_record(settings_record{settings, 1'700}));
}

void write_naming_overlays(const seeds& to) {
  using form = fuzz::naming_form;
  using namespace processors::naming;
  const service s{"public", "DEFAULT_GROUP", "orders"};
  const stamp at{1'700'000'000'000, 42, node_id{2}};
  const auto tag = overlay_tag("10.0.0.1", 80, "DEFAULT");
  const instance_overlay overlay{false, 2.5, {{"zone", "a"}}};
  const overlay_change change{{}, 2.5, metadata_edit::merge, {{"zone", "a"}}};
  to.add("overlay_change", form::overlay_command,
         encode(overlay_command{verb_change, s, tag, overlay, at}));
  to.add("overlay_delete", form::overlay_command,
         encode(overlay_command{verb_delete, s, tag, {}, at}));
  to.add("overlay_patch", form::patch_overlays, encode(patch_overlays{s, {tag, tag}, change, at}));
  to.add("overlay_expire", form::expire_overlays, encode(expire_overlays{1'700, {{s, tag}}, at}));
  to.add("overlay_get", form::overlay_query, encode(get_overlay{{s, tag}}));
  to.add("overlay_got", form::overlay_reply, encode(overlay_reply{true, {overlay, 1'700}}));
  to.add("overlay_record", form::overlay_record, encode_record(overlay_record{overlay, 1'700}));
}

void write_switches(const seeds& to) {
  using form = fuzz::naming_form;
  using namespace processors::naming;
  const stamp at{1'700'000'000'000, 42, node_id{2}};
  to.add("switch_write", form::write_switch, encode(write_switch{"check", "false", at}));
  to.add("switches_listed", form::switches_reply, encode(switches_reply{{{"check", "false"}}}));
  for (const std::string text :
       {"check=false", "healthCheckTimes=3", "limitedUrlMap=/a:503,/b:404", "distroThreshold=0.5",
        "overriddenServerStatus=UP", "pushVersion=java:1.2.3", "masters=a,b",
        R"(tcpHealthParams={"max":5000,"min":1000,"factor":0.75})"}) {
    to.add("switch_" + text.substr(0, text.find('=')), form::switch_value, text);
  }
}

void write_accounts(const seeds& to) {
  using form = fuzz::access_form;
  using namespace processors::auth;
  const std::string hash = "$2b$10$" + std::string(53, '.');
  to.add("user_add", form::account_command, encode(user_command{verb_user_add, "ann", hash}));
  to.add("user_remove", form::account_command, encode(user_command{verb_user_remove, "ann", {}}));
  to.add("user_admin", form::account_command, encode(user_command{verb_user_admin, "nacos", hash}));
  to.add("role_add", form::account_command, encode(role_command{verb_role_add, "dev", "ann"}));
  to.add("role_remove", form::account_command, encode(role_command{verb_role_remove, "dev", {}}));
  to.add("permission_add", form::account_command,
         encode(permission_command{verb_permission_add, {"dev", "public:*:*", "rw"}}));
  to.add("user_list", form::account_query, encode(list_users{"ann", 10}));
  to.add("account_written", form::account_write_reply, encode(write_reply{true}));
  to.add("users_listed", form::users_reply,
         encode(users_reply{{{"ann", {"dev", "test"}}, {"bob", {}}}, true}));
  to.add("user", form::user_record, encode_record({hash, log_index{7}}));
}

void write_namespaces(const seeds& to) {
  using form = fuzz::access_form;
  using namespace processors::spaces;
  to.add("namespace_add", form::namespace_command,
         encode(command{verb_add, "dev", {"Development", "for tests"}}));
  to.add("namespace_remove", form::namespace_command, encode(command{verb_remove, "dev", {}}));
  to.add("namespace_list", form::namespace_query, encode(list{"dev", 10}));
  to.add("namespace_written", form::namespace_write_reply, encode(write_reply{true}));
  to.add("namespaces_listed", form::namespaces_reply,
         encode(list_reply{{{"dev", {"Development", ""}}}, false}));
  to.add("namespace", form::namespace_record, encode_record({"Development", "for tests"}));
}

void write_servers(const seeds& to) {
  using form = fuzz::access_form;
  using namespace processors::servers;
  to.add("server_announce", form::server_command,
         encode(announcement{node_id{2}, "10.0.0.2:8848", "2.5.1"}));
  to.add("server", form::server_record, encode_record({"10.0.0.2:8848", "2.5.1", log_index{9}}));
}

void write_strings(const seeds& to) {
  using form = fuzz::processor_form;
  namespace strings = processors::strings;
  using namespace strings;
  to.add("strings_push", form::strings_command, encode(push_back{"list", {"a", ""}}));
  to.add("strings_remove", form::strings_command, encode(strings::remove{"list", "a", 1}));
  to.add("strings_clear", form::strings_command, encode(clear{"list"}));
  to.add("strings_range", form::strings_query, encode(range{"list", 1, 10}));
  to.add("strings_length", form::strings_query, encode(length{"list"}));
  to.add("strings_written", form::strings_write_reply, encode(write_reply{2, 3}));
  to.add("strings_ranged", form::strings_range_reply, encode(range_reply{3, {"a", "b"}}));
}

void write_configurations(const seeds& to) {
  namespace cfg = processors::config;
  using form = fuzz::configuration_form;
  const cfg::item_key key{"dev", "g", "app.yaml"};
  cfg::item i;
  i.key = key;
  i.id = 7;
  i.md5 = "c4ca4238a0b923820dcc509a6f75849b";
  i.content_bytes = 1;
  i.tags = {"x", "y"};
  cfg::publish c;
  c.key = key;
  c.content = "1";
  c.md5 = i.md5;
  c.description = "ports";
  c.tags = i.tags;
  c.expected_md5 = "";
  c.stamp = {1'700'000'000'000, 9, node_id{1}};
  const cfg::history_row row{3, cfg::history_operation::update, {"10.0.0.1", "ann"}, 5, i};
  to.add("publish", form::change, cfg::encode(c));
  to.add("remove", form::change, cfg::encode(cfg::remove{key, {"ip", "me"}, c.stamp}));
  to.add("remove_ids", form::change, cfg::encode(cfg::remove_ids{{1, 2}, {}, c.stamp}));
  to.add("trim", form::change, cfg::encode(cfg::history_trim{1, 2}));
  to.add("get", form::question, cfg::encode(cfg::get{key}));
  to.add("search", form::question,
         cfg::encode(cfg::search{"dev", "g*", "*", true, "a", "c", {"x"}, {"yaml"}, {2, 10}}));
  to.add("list", form::question, cfg::encode(cfg::list{"dev"}));
  to.add("history", form::question, cfg::encode(cfg::history{key, {1, 10}}));
  to.add("row", form::question, cfg::encode(cfg::get_history_row{3}));
  to.add("previous", form::question, cfg::encode(cfg::previous_history_row{key, 7}));
  to.add("write_reply", form::write_reply, cfg::encode(cfg::write_reply{true, 1, i.md5}));
  to.add("trim_reply", form::trim_reply, cfg::encode(cfg::trim_reply{1, true, 2}));
  to.add("get_reply", form::get_reply, cfg::encode(cfg::get_reply{i, "1"}));
  to.add("search_reply", form::search_reply, cfg::encode(cfg::search_reply{1, {{i, "1"}}}));
  to.add("list_reply", form::list_reply, cfg::encode(cfg::list_reply{{i, i}}));
  to.add("history_reply", form::history_reply, cfg::encode(cfg::history_reply{1, {row}}));
  to.add("row_reply", form::history_row_reply, cfg::encode(cfg::history_row_reply{row, "1"}));
  to.add("item", form::item_record, cfg::encode_record(i));
  to.add("history_record", form::history_record, cfg::encode_record(row));
  to.add("beliefs", form::beliefs,
         "app.yaml\x02g\x02\x02"
         "dev\x01"
         "b\x02g\x02m\x01");
  to.add("beliefs_twice", form::beliefs, "a%02g%02m%01");
}

}  // namespace

namespace troupe::fuzz {

void write_processor_corpora(const std::filesystem::path& corpus) {
  const seeds processors(corpus / "processor_messages");
  write_key_value(processors);
  write_naming(processors);
  write_strings(processors);
  const seeds naming(corpus / "naming_messages");
  write_naming_settings(naming);
  write_naming_overlays(naming);
  write_switches(naming);
  write_configurations(seeds(corpus / "configuration_messages"));
  const seeds access(corpus / "access_messages");
  write_accounts(access);
  write_namespaces(access);
  write_servers(access);
}

}  // namespace troupe::fuzz

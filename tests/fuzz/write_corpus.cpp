// write_corpus DIRECTORY: what the searches begin with: at least one good input of each form, made
// from values, so that the first mutation stands deep in the decoder already.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "codec/frame.hpp"
#include "codec/hello.hpp"
#include "codec/membership.hpp"
#include "codec/session_codec.hpp"
#include "codec/snapshot_codec.hpp"
#include "persistence/log_format.hpp"
#include "persistence/snapshot.hpp"
#include "persistence/state_records.hpp"
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
#include "tests/codec/samples.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

namespace {

using raft::log_index;
using raft::node_id;
using raft::term;

/// The files of one harness.
class seeds {
 public:
  explicit seeds(const std::filesystem::path& directory) : directory_(directory) {
    std::filesystem::create_directories(directory);
  }
  void add(const std::string& name, std::string_view bytes) const {
    std::ofstream(directory_ / name, std::ios::binary) << bytes;
  }
  template <class Form>
  void add(const std::string& name, Form form, std::string_view bytes) const {
    add(name, std::string(1, static_cast<char>(form)).append(bytes));
  }

 private:
  std::filesystem::path directory_;
};

void write_frames(const seeds& to) {
  const std::string pieces = {1, 7};
  std::string all = pieces;
  for (int number = 1; number <= 7; ++number) {
    const auto kind = static_cast<codec::frame_kind>(number);
    const std::string body = codec::body_bytes_max_of(kind) == 0 ? "" : "body";
    to.add("kind_" + std::to_string(number), pieces + codec::encode_frame(kind, body));
    all += codec::encode_frame(kind, body);
  }
  to.add("all", all);
}

void write_hello(const seeds& to) {
  using form = fuzz::hello_form;
  const codec::hello h{codec::protocol_version, "cluster", node_id{1}, node_id{2}, 3, "h:7101", 99};
  to.add("hello", form::hello, codec::encode(h));
  auto later = h;
  later.protocol = codec::protocol_version + 1;
  to.add("hello_of_another_protocol", form::hello, codec::encode(later));
  to.add("reply", form::reply, codec::encode(codec::hello_reply{}));
  to.add("refusal", form::reply,
         codec::encode(codec::hello_reply{error_code::wiped_node, "wiped", "c", node_id{2}, 4, 5}));
}

void write_messages(const seeds& to) {
  std::string all;
  for (const auto& m : samples::every_message()) {
    to.add(std::string(raft::name_of(m)), samples::encoded(m));
    all += samples::encoded(m);
  }
  to.add("all", all);
}

void write_entries(const seeds& to) {
  using form = fuzz::entry_form;
  to.add("no_op", form::entry, codec::encode_entry(*samples::no_op_entry(6, 11)));
  to.add("data", form::entry, codec::encode_entry(*samples::make_entry(7, 12, "payload")));
  to.add("peers", form::entry, codec::encode_entry(*samples::configuration_entry(7, 13)));
  to.add("configuration", form::configuration,
         codec::encode_configuration(samples::joint_configuration()));
  to.add("session", form::session, codec::encode_session({5, 3, 2, 1'700'000'000'000, 0}, "data"));
  to.add("registration", form::session, codec::encode_session({0, 0, 0, 17, 60'000}, ""));
}

void write_requests(const seeds& to) {
  using form = fuzz::request_form;
  auto second = samples::sample_request();
  second.expected_term.reset();
  to.add("requests", form::requests,
         samples::encoded(samples::sample_request()) + samples::encoded(second));
  to.add("replies", form::replies, samples::encoded(samples::sample_reply()));
  to.add("members", form::members,
         codec::encode_members({{node_id{1}, "127.0.0.1:7101"}, {node_id{2}, "h:1"}}));
}

void write_membership(const seeds& to) {
  using form = fuzz::membership_form;
  to.add("book", form::book, codec::encode_book({{node_id{1}, "h:1", 0}, {node_id{4}, "h:2", 77}}));
  to.add("change", form::change,
         codec::encode_change({raft::joint_transition::explicit_leave,
                               {{raft::change_kind::add_learner, node_id{4}, "h:2"},
                                {raft::change_kind::remove, node_id{1}, ""}}}));
  to.add(
      "roster", form::roster,
      codec::encode_roster({{node_id{1}, {"h:1", 0, 5, false}}, {node_id{9}, {"", 3, 0, true}}}));
}

void write_snapshots(const seeds& to) {
  using form = fuzz::snapshot_form;
  const persistence::snapshot_manifest manifest{
      raft::group_id{7},
      {log_index{40}, term{6}, samples::joint_configuration()},
      {{"000001.sst", 4'096, 0x0123456789abcdef}, {"own.sst", 0, 0}}};
  const auto record = persistence::encode_manifest(manifest);
  constexpr std::size_t seal_bytes = 8;
  to.add("manifest", form::manifest, record);
  to.add("manifest_body", form::manifest_body, record.substr(0, record.size() - seal_bytes));
  for (const auto step :
       {codec::snapshot_step::begin, codec::snapshot_step::chunk, codec::snapshot_step::finish}) {
    to.add("part_" + std::to_string(static_cast<int>(step)), form::part,
           codec::encode_part({step, 7, "own.sst", 4'096, raft::bytes(std::string("abc"))}));
  }
}

void write_log_records(const seeds& to) {
  using form = fuzz::log_record_form;
  using namespace persistence;
  // The harness seals what it is given.
  const auto add = [&](const std::string& name, form f, const std::string& sealed) {
    to.add(name, f, std::string_view(sealed).substr(0, sealed.size() - 8));
  };
  const auto peers = samples::joint_configuration();
  add("hard_state", form::hard_state, encode_hard_state("", {term{2}, node_id{3}}));
  add("snapshot_point", form::snapshot_point,
      encode_snapshot_point("", {log_index{40}, term{6}, peers}));
  add("term_start", form::term_start, encode_term_start("", term{7}));
  add("marker", form::marker, encode_marker("", {log_index{9}, term{7}, 2, 1}));
  add("batch_number", form::batch_number, encode_batch_number("", 77));
  add("peers", form::peers, encode_peers("", peers));
  add("applied_point", form::applied_point, encode_applied_point("", {log_index{9}, term{7}}));
  add("applied_configuration", form::applied_configuration,
      encode_applied_configuration("", {log_index{9}, peers}));
  add("generation", form::generation, encode_generation("", log_index{9}));
}

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

void write_http(const seeds& to) {
  const std::string form = "application/x-www-form-urlencoded;charset=utf8\n";
  to.add("registration", form +
                             "serviceName=g%40%40orders&ip=10.0.0.1&port=8080&ephemeral=false\n"
                             "clusterName=DEFAULT&weight=0.5&enabled=true&metadata=k%3Dv,k2%3Dv2");
  to.add("json_metadata",
         form +
             "serviceName=orders&groupName=g&namespaceId=n&ip=h&port=1&ephemeral=no\n"
             "metadata=%7B%22preserved.heart.beat.interval%22%3A1000%2C%22a%22%3Anull%7D");
  to.add("query_only",
         "\nserviceName=orders&clusters=a,+b,&healthyOnly=true&ip=h&port=1&cluster=c\n");
  to.add("beat",
         "\nserviceName=g@@orders&beat={\"ip\":\"10.0.0.1\",\"port\":\"8080\",\"weight\":1,"
         "\"cluster\":\"c\",\"metadata\":{\"a\":\"1\"},\"scheduled\":\"true\"}\n");
  to.add("batch",
         "\nserviceName=orders&metadata=a=1&consistencyType=persist&instances="
         "[{\"ip\":\"10.0.0.1\",\"port\":8080,\"clusterName\":\"c\"},{\"port\":\"1\"}]\n");
  to.add("text", "text/plain\na+b=%c3%a9&&=\n\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80");
}

void write_membership_bodies(const seeds& to) {
  to.add("changes", R"({"transition":"implicit","changes":[
{"op":"add","id":4,"address":"127.0.0.1:7104","voter":true},{"op":"promote","id":3},
{"op":"demote","id":2},{"op":"remove","id":1},{"op":"update","id":5}]})");
  to.add("leave", R"({"changes":[],"transition":"explicit"})");
  constexpr std::size_t depth = 2'000;
  to.add("deep",
         R"({"changes":[{"op":)" + std::string(depth, '[') + std::string(depth, ']') + "}]}");
}

void write_options(const seeds& to) {
  const std::string members = "1=127.0.0.1:7101,2=[::1]:7102";
  to.add("flags", "--node-id=1\n--data-dir\n/tmp/a\n--members\n" + members +
                      "\n--log-level=debug\n--log-file=/tmp/log\n--http=127.0.0.1:1\n");
  to.add("file", "\n# a node\nnode-id = 1\ndata-dir = \"/tmp/a node\"\nmembers = \"" + members +
                     "\"\ninsecure-listen = true\nlog-format = \"json\"\n");
  to.add("both",
         "--io-threads=3\n--insecure-listen\n--http=0.0.0.0:80\n\nnode-id=2\ndata-dir=d\n"
         "members=[\"1=a:1\", \"2=b:2\"]\nlisten='0.0.0.0:9'\nheartbeat-ms=20\n"
         "election-timeout-ms=100\nscheduler-threads=1\n");
  to.add("features", "--join\n--node-id=1\n--data-dir=d\n--members=" + members + "\n\n" +
                         "lease-reads=on\nelection-priority=2\nquiesce-after-ms=5000\n");
  to.add("help", "--help\n");
  to.add("section", "--version\n\n[section]\nnode-id=1\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "write_corpus DIRECTORY\n");
    return 2;
  }
  const std::filesystem::path corpus = argv[1];
  write_frames(seeds(corpus / "frames"));
  write_hello(seeds(corpus / "hello"));
  write_messages(seeds(corpus / "raft_messages"));
  write_entries(seeds(corpus / "entries"));
  write_requests(seeds(corpus / "requests"));
  write_membership(seeds(corpus / "membership"));
  write_snapshots(seeds(corpus / "snapshots"));
  write_log_records(seeds(corpus / "log_records"));
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
  write_http(seeds(corpus / "http_parameters"));
  write_membership_bodies(seeds(corpus / "membership_body"));
  write_options(seeds(corpus / "server_options"));
  return 0;
}

// write_corpus DIRECTORY: what the searches begin with: at least one good input of each form, made
// from values, so that the first mutation stands deep in the decoder already.
#include <cstdio>
#include <filesystem>

#include "codec/frame.hpp"
#include "codec/hello.hpp"
#include "codec/membership.hpp"
#include "codec/session_codec.hpp"
#include "codec/snapshot_codec.hpp"
#include "persistence/log_frames.hpp"
#include "persistence/log_records.hpp"
#include "persistence/snapshot.hpp"
#include "persistence/state_records.hpp"
#include "tests/codec/samples.hpp"
#include "tests/fuzz/corpus_writing.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

namespace {

using fuzz::seeds;
using raft::log_index;
using raft::node_id;
using raft::term;

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

void write_state_records(const seeds& to) {
  using form = fuzz::state_record_form;
  using namespace persistence;
  // The harness seals what it is given.
  const auto add = [&](const std::string& name, form f, const std::string& sealed) {
    to.add(name, f, std::string_view(sealed).substr(0, sealed.size() - 8));
  };
  add("applied_point", form::applied_point, encode_applied_point("", {log_index{9}, term{7}}));
  add("applied_configuration", form::applied_configuration,
      encode_applied_configuration("", {log_index{9}, samples::joint_configuration()}));
  add("generation", form::generation, encode_generation("", log_index{9}));
}

void write_log(const seeds& to) {
  using form = fuzz::log_form;
  using namespace persistence;
  const raft::group_id group{7};
  const raft::snapshot_point point{log_index{9}, term{6}, samples::joint_configuration()};
  const auto entry = [](std::uint64_t index) { return samples::make_entry(7, index, "payload"); };
  std::string begun;
  append_point(log_record::point, group, point, begun);
  append_hard_state(group, {term{7}, node_id{3}}, begun);
  append_run(log_record::entries, group, log_index{10}, term{7}, 2, begun);
  append_run_entry(*entry(10), begun);
  append_run_entry(*samples::configuration_entry(7, 11), begun);
  to.add("begun", form::frame, begun);
  std::string copied;
  append_run(log_record::copies, group, log_index{10}, term{7}, 1, copied);
  append_run_entry(*entry(10), copied);
  append_begin(2, copied);
  to.add("copied", form::frame, begun + copied);
  std::string replaced = begun;
  append_run(log_record::entries, group, log_index{11}, term{7}, 1, replaced);
  append_run_entry(*entry(11), replaced);
  append_point(log_record::install, raft::group_id{8}, point, replaced);
  to.add("replaced", form::frame, replaced);
  std::string segment = encode_segment_header({1, 1});
  std::uint64_t batch = 0;
  for (const auto& body : {begun, copied, replaced}) {
    std::string frame;
    begin_frame(frame);
    frame += body;
    seal_frame(++batch, frame);
    segment += frame;
  }
  to.add("segment", form::segment, segment + std::string(64, '\0'));
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
         "--threads=3\n--insecure-listen\n--http=0.0.0.0:80\n\nnode-id=2\ndata-dir=d\n"
         "members=[\"1=a:1\", \"2=b:2\"]\nlisten='0.0.0.0:9'\nheartbeat-ms=20\n"
         "election-timeout-ms=100\nthreads=1\n");
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
  write_state_records(seeds(corpus / "state_records"));
  write_log(seeds(corpus / "log"));
  fuzz::write_processor_corpora(corpus);
  write_http(seeds(corpus / "http_parameters"));
  write_membership_bodies(seeds(corpus / "membership_body"));
  write_options(seeds(corpus / "server_options"));
  return 0;
}

// The peer link, on a socket that only writes down what it is given: batches, limits, what is said
// of what was lost, and how each request for another node ends.
#include "actors/peer_link.hpp"

#include "actor_fixture.hpp"
#include "codec/frame.hpp"
#include "codec/raft_codec.hpp"
#include "codec/request_codec.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

struct told_socket {
  std::vector<std::string> sent;  ///< frames of each send
  std::vector<std::uint64_t> connections;
  actors::dialer_options options;
  actors::dialer_events events;
};

class paper_socket final : public actors::link_socket {
 public:
  explicit paper_socket(std::shared_ptr<told_socket> told) : told_(std::move(told)) {}
  void send(std::uint64_t connection, std::string frames) override {
    told_->connections.push_back(connection);
    told_->sent.push_back(std::move(frames));
  }

 private:
  std::shared_ptr<told_socket> told_;
};

struct frame {
  codec::frame_kind kind;
  std::string body;
};

std::vector<frame> frames_in(std::string_view bytes) {
  std::vector<frame> all;
  while (!bytes.empty()) {
    const auto header = codec::decode_frame_header(bytes.substr(0, codec::frame_header_bytes));
    REQUIRE(header);
    bytes.remove_prefix(codec::frame_header_bytes);
    all.push_back({header->kind, std::string(bytes.substr(0, header->body_bytes))});
    REQUIRE(codec::frame_body_matches(*header, all.back().body));
    bytes.remove_prefix(header->body_bytes);
  }
  return all;
}

/// The groups of the messages in `bytes`, in order.
std::vector<std::uint64_t> groups_in(std::string_view bytes) {
  std::vector<std::uint64_t> groups;
  for (const auto& f : frames_in(bytes)) {
    if (f.kind != codec::frame_kind::raft_messages) continue;
    const auto messages = codec::decode_messages(raft::bytes(f.body));
    REQUIRE(messages);
    for (const auto& m : *messages) groups.push_back(m.group.value());
  }
  return groups;
}

std::vector<codec::request> requests_in(std::string_view bytes) {
  std::vector<codec::request> all;
  for (const auto& f : frames_in(bytes)) {
    if (f.kind != codec::frame_kind::requests) continue;
    const auto requests = codec::decode_requests(raft::bytes(f.body));
    REQUIRE(requests);
    all.insert(all.end(), requests->begin(), requests->end());
  }
  return all;
}

raft::message vote() {
  return {raft::node_id{1}, raft::node_id{2}, raft::term{1}, raft::vote_response{false, true}};
}

/// What a message takes in a frame.
std::size_t vote_bytes() {
  std::string one;
  codec::append_message(raft::group_id{1}, vote(), one);
  return one.size();
}

struct link_rig {
  explicit link_rig(std::size_t queued_bytes_max = 1U << 20U, std::size_t requests_max = 100) {
    actors::peer_link_options o;
    o.peer = raft::node_id{2};
    o.host = "there";
    o.port = "7";
    o.ticker = *t.ticker;
    o.lost = [this](std::optional<raft::group_id> group) {
      notices.push_back(group ? "lost " + to_string(*group) : "lost all");
    };
    o.gone = [this] { notices.emplace_back("gone"); };
    o.dial = [told = socket](actors::dialer_options dial, actors::dialer_events on) {
      told->options = std::move(dial);
      told->events = std::move(on);
      return std::make_unique<paper_socket>(told);
    };
    o.queued_bytes_max = queued_bytes_max;
    o.requests_max = requests_max;
    o.ping_interval = 70ms;
    o.suspect_after = 280ms;
    o.silence_max = 3s;
    link = t.keep(actors::spawn_peer_link(*t.system, std::move(o)));
    t.run();
  }
  void up(std::uint64_t connection) {
    socket->events.up(connection, {});
    t.run();
    notices.clear();
  }
  void down(std::uint64_t connection) {
    socket->events.down(connection, "cut");
    t.run();
  }
  void drained(std::uint64_t connection) {
    socket->events.drained(connection);
    t.run();
  }
  void tell(std::uint64_t group) {
    actors::send(*link, actors::outbound{raft::group_id{group}, {vote()}});
  }
  void request(codec::request_kind kind, std::string text, std::chrono::milliseconds timeout = 5s) {
    codec::request r;
    r.kind = kind;
    r.group = "g";
    r.timeout_ms = static_cast<std::uint32_t>(timeout.count());
    r.data = raft::bytes(text);
    actors::send(
        *link, actors::forward_request{std::move(r), t.now() + timeout, make_promise(heard, text)});
  }
  void propose(std::string text, std::chrono::milliseconds timeout = 5s) {
    request(codec::request_kind::propose, std::move(text), timeout);
  }
  void reply(std::uint64_t id, const std::string& data) {
    codec::request_reply r;
    r.id = id;
    r.data = raft::bytes(data);
    std::string body;
    codec::append_reply(r, body);
    socket->events.frame(codec::frame_kind::replies, raft::bytes(std::move(body)));
    t.run();
  }

  std::shared_ptr<told_socket> socket = std::make_shared<told_socket>();
  std::vector<std::string> notices;
  std::shared_ptr<answers> heard = std::make_shared<answers>();
  test_system t;
  std::optional<actors::peer_link_actor> link;
};

using groups = std::vector<std::uint64_t>;
using said = std::vector<std::string>;

}  // namespace

TEST_CASE("messages of all groups that come together leave in one frame, in order") {
  link_rig r;
  r.up(1);
  for (std::uint64_t g = 1; g <= 50; ++g) r.tell(g);
  r.t.run();
  REQUIRE(r.socket->sent.size() == 1);
  CHECK(frames_in(r.socket->sent[0]).size() == 1);
  CHECK(groups_in(r.socket->sent[0]).size() == 50);
  CHECK(groups_in(r.socket->sent[0]).front() == 1);
  CHECK(groups_in(r.socket->sent[0]).back() == 50);
}

TEST_CASE("what a replicator has encoded is sent as it is, between the messages around it") {
  link_rig r;
  r.up(1);
  std::string encoded;
  codec::append_message(raft::group_id{8}, vote(), encoded);
  codec::append_message(raft::group_id{9}, vote(), encoded);
  r.tell(7);
  actors::send(*r.link, actors::outbound_encoded{raft::group_id{8}, encoded});
  r.tell(10);
  r.t.run();
  REQUIRE(r.socket->sent.size() == 1);
  CHECK(groups_in(r.socket->sent[0]) == groups{7, 8, 9, 10});
  CHECK(r.socket->sent[0].find(encoded) != std::string::npos);
}

TEST_CASE("messages that come together leave in as many frames as their limit asks for") {
  link_rig r(64U << 20U);
  r.up(1);
  raft::append_request a;
  a.entries.push_back(make_entry(1, 1, std::string(1U << 20U, 'x')));
  const raft::message append{raft::node_id{1}, raft::node_id{2}, raft::term{1}, std::move(a)};
  actors::send(*r.link,
               actors::outbound{raft::group_id{1}, std::vector<raft::message>(40, append)});
  r.t.run();
  REQUIRE(r.socket->sent.size() == 1);
  CHECK(groups_in(r.socket->sent[0]) == groups(40, 1));
}

TEST_CASE("while the socket is busy messages gather, and leave together once it is drained") {
  link_rig r;
  r.up(1);
  r.tell(1);
  r.t.run();
  for (std::uint64_t g = 2; g <= 9; ++g) {
    r.tell(g);
    r.t.run();
  }
  CHECK(r.socket->sent.size() == 1);
  r.drained(1);
  REQUIRE(r.socket->sent.size() == 2);
  CHECK(groups_in(r.socket->sent[1]) == groups{2, 3, 4, 5, 6, 7, 8, 9});
  r.drained(1);
  CHECK(r.socket->sent.size() == 2);
}

TEST_CASE("beyond its limit a link drops messages and tells their group, until there is room") {
  link_rig r(4 * vote_bytes());
  r.up(1);
  r.tell(1);
  r.t.run();  // with the socket now
  for (std::uint64_t g = 2; g <= 9; ++g) r.tell(g);
  r.t.run();
  CHECK(r.notices == said{"lost 6", "lost 7", "lost 8", "lost 9"});
  r.drained(1);
  CHECK(groups_in(r.socket->sent.back()) == groups{2, 3, 4, 5});
  r.tell(10);
  r.drained(1);
  CHECK(groups_in(r.socket->sent.back()) == groups{10});
  CHECK(r.notices.size() == 4);
}

TEST_CASE("all groups hear when a link goes down, with what it had queued, and when it is back") {
  link_rig r;
  r.tell(1);
  r.t.run();
  CHECK(r.socket->sent.empty());
  r.up(1);
  r.tell(2);
  r.t.run();
  r.tell(3);
  r.t.run();
  r.down(1);
  CHECK(r.notices == said{"lost all", "gone"});
  r.tell(4);
  r.t.run();
  r.socket->events.up(2, {});
  r.t.run();
  CHECK(r.notices == said{"lost all", "gone", "lost all"});
  r.tell(5);
  r.t.run();
  CHECK(groups_in(r.socket->sent.back()) == groups{5});
  CHECK(r.socket->connections == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("all groups hear of a node that is silent, whose requests may still be answered") {
  link_rig r;
  r.up(1);
  r.propose("a");
  r.t.run();
  r.socket->events.silent();
  r.t.run();
  CHECK(r.notices == said{"gone"});
  CHECK(r.heard->empty());
  r.reply(requests_in(r.socket->sent.back())[0].id, "1");
  CHECK(*r.heard == answers{"a 1"});
  r.drained(1);
  r.tell(5);
  r.t.run();
  CHECK(groups_in(r.socket->sent.back()) == groups{5});
}

TEST_CASE("a link pings, suspects and gives up when its options say so") {
  link_rig r;
  CHECK(r.socket->options.ping_interval == 70ms);
  CHECK(r.socket->options.suspect_after == 280ms);
  CHECK(r.socket->options.silence_max == 3s);
}

TEST_CASE("news of an earlier connection changes nothing") {
  link_rig r;
  r.up(1);
  r.down(1);
  r.up(2);
  r.tell(1);
  r.t.run();
  r.tell(2);
  r.t.run();
  r.drained(1);
  CHECK(r.socket->sent.size() == 1);
  r.down(1);
  CHECK(r.notices.empty());
  r.drained(2);
  CHECK(r.socket->sent.size() == 2);
}

TEST_CASE("each request hears its own reply, once, whatever the order") {
  link_rig r;
  r.up(1);
  for (const auto* text : {"a", "b", "c"}) r.propose(text);
  r.t.run();
  const auto asked = requests_in(r.socket->sent.back());
  REQUIRE(asked.size() == 3);
  r.reply(asked[2].id, "3");
  r.reply(asked[0].id, "1");
  r.reply(asked[2].id, "again");
  r.reply(4711, "nobody's");
  r.socket->events.frame(codec::frame_kind::replies, raft::bytes("garbage"));
  r.t.run();
  CHECK(*r.heard == answers{"c 3", "a 1"});
}

TEST_CASE("a request for a node that is not connected surely did not happen") {
  link_rig r;
  r.propose("a");
  r.t.run();
  CHECK(*r.heard == answers{"a unreachable"});
}

TEST_CASE("a link with too many unanswered requests says so, and takes more after a reply") {
  link_rig r(1U << 20U, 2);
  r.up(1);
  for (const auto* text : {"a", "b", "c"}) r.propose(text);
  r.t.run();
  CHECK(*r.heard == answers{"c overloaded"});
  r.reply(requests_in(r.socket->sent.back())[0].id, "1");
  r.drained(1);
  r.propose("d");
  r.t.run();
  CHECK(*r.heard == answers{"c overloaded", "a 1"});
  CHECK(requests_in(r.socket->sent.back()).size() == 1);
}

TEST_CASE("requests whose bytes fill the link's queue are refused, those queued still leave") {
  link_rig r(500);
  r.up(1);
  r.propose("first");
  r.t.run();
  for (const auto* text : {"a", "b"}) r.propose(std::string(text) + std::string(600, '-'));
  r.t.run();
  REQUIRE(r.heard->size() == 1);
  CHECK(r.heard->front() == "b" + std::string(600, '-') + " overloaded");
  r.drained(1);
  CHECK(requests_in(r.socket->sent.back()).size() == 1);
}

TEST_CASE("when the link goes down a write has an unknown outcome, a read may be repeated") {
  link_rig r;
  r.up(1);
  r.propose("write");
  r.request(codec::request_kind::query, "read");
  r.t.run();
  r.down(1);
  std::sort(r.heard->begin(), r.heard->end());
  CHECK(*r.heard == answers{"read read_timed_out", "write outcome_unknown"});
}

TEST_CASE("a request that is not answered in time ends as unknown, and its reply comes too late") {
  link_rig r;
  r.up(1);
  r.propose("brief", 100ms);
  r.propose("long", 1s);
  r.t.pass(99ms);
  CHECK(r.heard->empty());
  r.t.pass(60ms);
  CHECK(*r.heard == answers{"brief outcome_unknown"});
  const auto asked = requests_in(r.socket->sent.back());
  r.reply(asked[0].id, "late");
  r.reply(asked[1].id, "in time");
  CHECK(*r.heard == answers{"brief outcome_unknown", "long in time"});
  r.t.pass(1s);
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a link that is ended answers what it held, and news from its socket reach nobody") {
  link_rig r;
  r.up(1);
  r.propose("a");
  r.t.run();
  test_system::end(*r.link);
  CHECK(ended(r.t, *r.link));
  CHECK(*r.heard == answers{"a outcome_unknown"});
  r.down(1);
  r.up(2);
  CHECK(r.notices.empty());
}

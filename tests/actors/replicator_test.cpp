// The replicator: each append is encoded once, in the order in which the core wanted it, for one
// follower; what memory no longer holds is asked of the log reader.
#include "actors/replicator.hpp"

#include "actor_fixture.hpp"
#include "codec/raft_codec.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

constexpr raft::group_id group{7};
constexpr raft::node_id follower{2};

raft::message append_of(std::uint64_t previous, std::size_t entries) {
  raft::append_request a;
  a.previous_index = raft::log_index{previous};
  a.previous_term = raft::term{1};
  for (std::size_t i = 1; i <= entries; ++i) {
    a.entries.push_back(make_entry(1, previous + i, "command " + std::to_string(previous + i)));
  }
  return {raft::node_id{1}, follower, raft::term{1}, std::move(a)};
}

actors::log_reader_actor spawn_told_reader(test_system& t,
                                           std::shared_ptr<std::vector<actors::fetch_job>> told) {
  return t.keep(t.system->spawn(
      [](actors::log_reader_actor::pointer,
         const std::shared_ptr<std::vector<actors::fetch_job>>& hear)
          -> actors::log_reader_actor::behavior_type {
        return {[=](const actors::fetch_job& j) { hear->push_back(j); }};
      },
      std::move(told)));
}

struct replicator_rig {
  std::shared_ptr<told_link> told = std::make_shared<told_link>();
  std::shared_ptr<std::vector<actors::fetch_job>> jobs =
      std::make_shared<std::vector<actors::fetch_job>>();
  std::shared_ptr<actors::peer_links> links = std::make_shared<actors::peer_links>();
  test_system t;
  actors::member_actor member = spawn_member(t, std::make_shared<told_member>());
  actors::replicator_actor replicator = t.keep(actors::spawn_replicator(
      *t.system, {group, follower, links, spawn_told_reader(t, jobs), member}));

  replicator_rig() { links->put(follower, spawn_link(t, told)); }
  void send(std::vector<raft::message> messages) {
    actors::send(replicator, actors::replicate{std::move(messages)});
  }
};

/// The previous index and the data of each append's entries.
using appends = std::vector<std::vector<std::string>>;

appends texts_of(const std::vector<raft::message>& messages) {
  appends all;
  for (const auto& m : messages) {
    const auto& a = std::get<raft::append_request>(m.body);
    auto& texts = all.emplace_back();
    texts.push_back(to_string(a.previous_index));
    for (const auto& e : a.entries) texts.emplace_back(e->data.view());
  }
  return all;
}

appends texts_in(const actors::outbound_encoded& sent) {
  const auto decoded = codec::decode_messages(raft::bytes(sent.bytes));
  REQUIRE(decoded);
  std::vector<raft::message> all;
  for (const auto& m : *decoded) {
    CHECK(m.group == group);
    all.push_back(m.message);
  }
  return texts_of(all);
}

}  // namespace

TEST_CASE("appends of one turn leave as one piece, encoded once and in order") {
  replicator_rig r;
  const std::vector first{append_of(0, 3), append_of(3, 1), append_of(4, 0)};
  const std::vector second{append_of(4, 2)};
  r.send(first);
  r.send(second);
  r.t.run();
  REQUIRE(r.told->encoded.size() == 2);
  CHECK(r.told->plain.empty());
  std::string once;
  for (const auto& m : first) codec::append_message(group, m, once);
  CHECK(r.told->encoded[0].bytes == once);
  CHECK(r.told->encoded[0].group == group);
  CHECK(texts_in(r.told->encoded[0]) == texts_of(first));
  CHECK(texts_in(r.told->encoded[1]) == texts_of(second));
}

TEST_CASE("a whole window sent at once leaves in pieces that fit into frames, in order") {
  replicator_rig r;
  std::vector<raft::message> window;
  for (std::uint64_t i = 0; i < 40; ++i) {
    auto a = append_of(i, 0);
    auto& body = std::get<raft::append_request>(a.body);
    body.entries.push_back(make_entry(1, i + 1, std::string(1U << 20U, static_cast<char>(i))));
    window.push_back(std::move(a));
  }
  r.send(window);
  r.t.run();
  appends all;
  for (const auto& piece : r.told->encoded) {
    CHECK(piece.bytes.size() < 2U << 20U);
    for (auto& texts : texts_in(piece)) all.push_back(std::move(texts));
  }
  CHECK((all == texts_of(window)));
}

TEST_CASE("what the core no longer holds is asked of the log reader, for the member") {
  replicator_rig r;
  const raft::fetch wanted{raft::fetch_purpose::replicate, follower, raft::log_index{3},
                           raft::log_index{9}, 1000};
  actors::send(r.replicator, wanted);
  r.t.run();
  REQUIRE(r.jobs->size() == 1);
  CHECK(r.jobs->front().group == group);
  CHECK(r.jobs->front().request.first == raft::log_index{3});
  CHECK(r.jobs->front().request.last == raft::log_index{9});
  CHECK(r.jobs->front().member.address() == r.member.address());
}

TEST_CASE("a replicator outlives the link that it sends through") {
  replicator_rig r;
  r.links->remove(follower);
  r.send({append_of(0, 1)});
  r.t.run();
  CHECK(r.told->encoded.empty());
  const auto again = std::make_shared<told_link>();
  r.links->put(follower, spawn_link(r.t, again));
  r.send({append_of(0, 1)});
  r.t.run();
  REQUIRE(again->encoded.size() == 1);
  CHECK(texts_in(again->encoded[0]) == texts_of({append_of(0, 1)}));
}

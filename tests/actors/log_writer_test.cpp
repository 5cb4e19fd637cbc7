// The log writer: one sync for whatever all groups have queued; nothing is promised before it, and
// nothing after one that failed.
#include "actors/log_writer.hpp"

#include "actor_fixture.hpp"
#include "actors/direct_line.hpp"
#include "codec/raft_codec.hpp"
#include "connected_sockets.hpp"
#include "memory_disk.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

raft::message vote_for(std::uint64_t to, std::uint64_t term) {
  return {raft::node_id{1}, raft::node_id{to}, raft::term{term}, raft::vote_response{false, true}};
}

struct writer_rig {
  writer_rig() {
    for (std::uint64_t n : {2, 3}) links->put(raft::node_id{n}, spawn_link(t, told_links[n - 2]));
    options.fence = std::make_shared<actors::writer_fence>();
    options.log = disk.open_log("/log");
    options.states = disk.open_states("/states");
    options.links = links;
    options.fatal = [this](const std::string& why) { fatal.push_back(why); };
    for (std::uint64_t g = 1; g <= 3; ++g) members.push_back(spawn_member(t, told[g - 1]));
    disk.syncs = 0;
  }
  actors::log_writer_actor spawn() { return t.keep(actors::spawn_log_writer(*t.system, options)); }

  /// The next write of a group, with one entry and a reply to node 2.
  void append(const actors::log_writer_actor& to, std::uint64_t group, std::size_t bytes = 10) {
    const auto sequence = ++written[group];
    raft::write w;
    w.sequence = raft::write_sequence{sequence};
    w.hard = raft::hard_state{raft::term{sequence}, {}};
    w.entries = {make_entry(1, sequence, std::string(bytes, 'x'))};
    w.replies = {vote_for(2, sequence)};
    actors::send(to, actors::append_job{raft::group_id{group},
                                        std::make_shared<const raft::write>(std::move(w)),
                                        members[group - 1]});
  }
  std::optional<actors::loaded_member> load(const actors::log_writer_actor& from,
                                            std::uint64_t group) {
    return ask<actors::loaded_member>(
        t, from,
        actors::load_job{raft::group_id{group}, raft::make_configuration({raft::node_id{1}})});
  }
  [[nodiscard]] std::vector<raft::write_sequence> stable(std::uint64_t group) const {
    return told[group - 1]->stable;
  }

  memory_disk disk;
  std::vector<std::string> fatal;
  std::map<std::uint64_t, std::uint64_t> written;
  std::shared_ptr<told_link> told_links[2] = {std::make_shared<told_link>(),
                                              std::make_shared<told_link>()};
  std::shared_ptr<told_member> told[3] = {std::make_shared<told_member>(),
                                          std::make_shared<told_member>(),
                                          std::make_shared<told_member>()};
  std::shared_ptr<actors::peer_links> links = std::make_shared<actors::peer_links>();
  actors::log_writer_options options;
  std::vector<actors::member_actor> members;
  test_system t;
};

using sequences = std::vector<raft::write_sequence>;

}  // namespace

TEST_CASE("what all groups have queued becomes durable with one sync, each group hears once") {
  writer_rig r;
  const auto writer = r.spawn();
  for (int round = 0; round < 10; ++round) {
    for (std::uint64_t group = 1; group <= 3; ++group) r.append(writer, group);
  }
  r.t.run();
  CHECK(r.disk.syncs == 1);
  for (std::uint64_t group = 1; group <= 3; ++group) {
    CHECK(r.stable(group) == sequences{raft::write_sequence{10}});
  }
  r.append(writer, 2);
  r.t.run();
  CHECK(r.disk.syncs == 2);
  CHECK(r.stable(2) == sequences{raft::write_sequence{10}, raft::write_sequence{11}});
}

TEST_CASE("replies leave after their write, in order, bundled for each peer") {
  writer_rig r;
  const auto writer = r.spawn();
  raft::write w;
  w.sequence = raft::write_sequence{1};
  w.hard = raft::hard_state{raft::term{5}, raft::node_id{2}};
  w.replies = {vote_for(2, 5), vote_for(3, 5), vote_for(2, 6)};
  const auto job = std::make_shared<const raft::write>(std::move(w));
  actors::send(writer, actors::append_job{raft::group_id{1}, job, r.members[0]});
  // The write is at hand but not yet durable.
  REQUIRE(r.t.step());
  CHECK(r.told_links[0]->plain.empty());
  CHECK(r.stable(1).empty());
  r.t.run();
  CHECK(r.disk.syncs == 1);
  REQUIRE(r.told_links[0]->plain.size() == 1);
  CHECK(r.told_links[0]->plain[0].messages == std::vector{vote_for(2, 5), vote_for(2, 6)});
  REQUIRE(r.told_links[1]->plain.size() == 1);
  CHECK(r.told_links[1]->plain[0].messages == std::vector{vote_for(3, 5)});
}

TEST_CASE("over an open line replies leave by themselves, those of all groups in one frame") {
  boost::asio::io_context io{1};
  connected_sockets sockets{io};
  const auto line = std::make_shared<actors::direct_line>();
  const auto connection = sockets.connection();
  line->open(connection);
  writer_rig r;
  r.links->put_line(raft::node_id{2}, line);
  const auto writer = r.spawn();
  r.append(writer, 1);
  r.append(writer, 2);
  r.t.run();
  CHECK(r.told_links[0]->plain.empty());
  std::string body;
  for (std::uint64_t group : {1, 2}) {
    codec::append_message(raft::group_id{group}, vote_for(2, 1), body);
  }
  const auto expected = codec::encode_frame(codec::frame_kind::raft_messages, body);
  CHECK(sockets.read(expected.size()) == expected);
  line->close(connection);
  r.append(writer, 1);
  r.t.run();
  CHECK(r.told_links[0]->plain.size() == 1);
}

TEST_CASE("a member that waits for nothing finds its mark moved, and is not told") {
  writer_rig r;
  const auto writer = r.spawn();
  const auto mark = std::make_shared<actors::durable_mark>();
  const auto append = [&](std::uint64_t sequence) {
    raft::write w;
    w.sequence = raft::write_sequence{sequence};
    w.hard = raft::hard_state{raft::term{sequence}, {}};
    actors::send(writer, actors::append_job{raft::group_id{1},
                                            std::make_shared<const raft::write>(std::move(w)),
                                            r.members[0], mark});
    r.t.run();
  };
  mark->want_news(false);
  append(1);
  CHECK(mark->reached() == raft::write_sequence{1});
  CHECK(r.stable(1).empty());
  mark->want_news(true);
  append(2);
  CHECK(mark->reached() == raft::write_sequence{2});
  CHECK(r.stable(1) == sequences{raft::write_sequence{2}});
}

TEST_CASE("a writer that is given more than one sync should take writes in between") {
  writer_rig r;
  r.options.jobs_per_sync_max = 4;
  const auto writer = r.spawn();
  for (int i = 0; i < 10; ++i) r.append(writer, 1);
  r.t.run();
  CHECK(r.disk.syncs == 3);
  r.options.jobs_per_sync_max = 1000;
  r.options.bytes_per_sync_max = 3000;
  const auto other = r.spawn();
  r.disk.syncs = 0;
  for (int i = 0; i < 4; ++i) r.append(other, 1, 1500);
  r.t.run();
  CHECK(r.disk.syncs == 2);
  CHECK(r.stable(1).back() == raft::write_sequence{14});
}

TEST_CASE("while the disk is at a write everybody sees for how long it has been, then no more") {
  writer_rig r;
  const auto& watch = *r.options.watch;
  std::size_t writes = 0;
  r.options.synced = [&](actors::clock::duration) {
    ++writes;
    r.t.spend(300ms);
    CHECK(watch.under_way(r.t.now()) == 300ms);
  };
  const auto writer = r.spawn();
  CHECK(watch.under_way(r.t.now()) == 0ms);
  for (int i = 0; i < 2; ++i) {
    r.append(writer, 1);
    r.t.run();
    CHECK(watch.under_way(r.t.now() + 1h) == 0ms);
  }
  CHECK(writes == 2);
}

TEST_CASE("a failed sync stops the node once: no reply leaves, nobody hears, no write follows") {
  writer_rig r;
  const auto writer = r.spawn();
  r.append(writer, 1);
  r.t.run();
  const auto replies = r.told_links[0]->plain.size();
  r.disk.failing = true;
  r.append(writer, 1);
  r.append(writer, 2);
  r.t.run();
  REQUIRE(r.fatal.size() == 1);
  CHECK(r.fatal[0].rfind("log write failed: ", 0) == 0);
  r.disk.failing = false;
  r.append(writer, 1);
  r.append(writer, 3);
  r.t.run();
  CHECK(r.fatal.size() == 1);
  CHECK(r.disk.syncs == 1);
  CHECK(r.told_links[0]->plain.size() == replies);
  CHECK(r.stable(1) == sequences{raft::write_sequence{1}});
  CHECK(r.stable(2).empty());
  CHECK(r.stable(3).empty());
}

TEST_CASE("a member is loaded behind everything that was queued for it") {
  writer_rig r;
  const auto writer = r.spawn();
  for (int i = 0; i < 5; ++i) r.append(writer, 1);
  const auto loaded = r.load(writer, 1);
  REQUIRE(loaded);
  REQUIRE(loaded->status.ok());
  CHECK(loaded->state->last == raft::log_index{5});
  CHECK(loaded->state->hard.term == raft::term{5});
  CHECK(loaded->data != nullptr);
}

TEST_CASE("a log writer that was replaced drops what it holds", "[trap-36]") {
  writer_rig r;
  const auto old = r.spawn();
  r.append(old, 1);
  r.t.run();
  r.append(old, 1);
  r.append(old, 1);
  REQUIRE(r.t.step());  // queued, not written
  const auto fresh = r.spawn();
  r.t.prefer(fresh);
  REQUIRE(r.t.step());
  const auto loaded = r.load(fresh, 1);
  REQUIRE(loaded);
  CHECK(loaded->state->last == raft::log_index{1});
  r.t.run();
  CHECK(r.stable(1) == sequences{raft::write_sequence{1}});
  CHECK(r.told_links[0]->plain.size() == 1);
  CHECK(r.load(fresh, 1)->state->last == raft::log_index{1});
}

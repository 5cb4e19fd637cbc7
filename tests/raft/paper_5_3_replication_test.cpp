// Raft §5.3: log replication.
#include <catch2/catch.hpp>

#include "cluster.hpp"

using namespace troupe::raft;
using namespace troupe::raft::testing;

namespace {

std::vector<std::uint64_t> terms_of(const disk& d) {
  std::vector<std::uint64_t> found;
  for (const auto& e : d.log) {
    found.push_back(e->term.value());
  }
  return found;
}

}  // namespace

TEST_CASE("5.3: what the leader accepts reaches every log and every processor") {
  for (const std::uint64_t size : {1U, 3U, 5U}) {
    cluster c(size);
    c.elect(1);
    REQUIRE(!c.propose(1, "x"));
    c.settle();
    for (const auto& [id, h] : c.hosts()) {
      REQUIRE(h->committed.size() == 2);
      CHECK(h->committed.back()->data.view() == "x");
      CHECK(h->durable.last() == log_index{2});
    }
  }
}

TEST_CASE("5.3: a new leader begins with an entry of its own term") {
  auto h = leader_with(disk_with({1, 2, 3}, {1, 1}, 1));
  REQUIRE(h.durable.last() == log_index{3});
  CHECK(h.durable.log.back()->type == entry_type::no_op);
  CHECK(h.durable.log.back()->term == term{2});
}

TEST_CASE("5.3: an entry commits once a majority holds it, and followers are told at once") {
  auto h = leader_with(disk_of({1, 2, 3, 4, 5}));
  h.receive(2, 1, accepted_to(1));
  CHECK(h->commit() == log_index{0});
  h.take_sent<append_request>();
  h.receive(3, 1, accepted_to(1));
  CHECK(h->commit() == log_index{1});
  const auto told = h.take_sent<append_request>();
  CHECK(told.size() == 2);  // those that probe still wait for their answer
  for (const auto& r : told) {
    CHECK(r.commit == log_index{1});
  }
}

TEST_CASE("5.3: a follower refuses entries after a term mismatch") {
  struct check {
    std::uint64_t previous_index;
    std::uint64_t previous_term;
    bool accepted;
    std::uint64_t hint_index;
    std::uint64_t hint_term;
  };
  const std::vector<check> checks = {
      {0, 0, true, 0, 0},  {2, 2, true, 0, 0},  {1, 1, true, 0, 0},  {1, 2, false, 1, 1},
      {2, 3, false, 2, 2}, {3, 3, false, 2, 2}, {2, 1, false, 1, 1},
  };
  for (const auto& c : checks) {
    auto h = follower_with(disk_with({1, 2, 3}, {1, 2}, 3));
    h.receive(2, 3, append_of(c.previous_index, c.previous_term, 0));
    const auto answer = h.take_sent<append_response>().at(0);
    CHECK(answer.accepted == c.accepted);
    if (c.accepted) {
      CHECK(answer.matched == log_index{c.previous_index});
    } else {
      CHECK(answer.rejected_index == log_index{c.previous_index});
      CHECK(answer.hint_index == log_index{c.hint_index});
      CHECK(answer.hint_term == term{c.hint_term});
    }
  }
}

TEST_CASE("5.3: a conflicting entry is deleted with all behind it, and new ones are appended") {
  struct check {
    std::uint64_t previous_index;
    std::uint64_t previous_term;
    entries sent;
    std::vector<std::uint64_t> then;
  };
  const std::vector<check> checks = {
      {2, 2, {make_entry(3, 3)}, {1, 2, 3}},
      {1, 1, {make_entry(2, 3), make_entry(3, 4)}, {1, 3, 4}},
      {0, 0, {make_entry(1, 1)}, {1, 2}},
      {0, 0, {make_entry(1, 3)}, {3}},
  };
  for (const auto& c : checks) {
    auto h = follower_with(disk_with({1, 2, 3}, {1, 2}, 4));
    h.receive(2, 4, append_of(c.previous_index, c.previous_term, 0, c.sent));
    CHECK(terms_of(h.durable) == c.then);
  }
}

// The leader for term 8 and followers (a) to (f), with the logs of figure 7.
TEST_CASE("figure 7: a leader brings any follower's log into line with its own") {
  const std::vector<std::uint64_t> leads = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
  const std::vector<std::vector<std::uint64_t>> follows = {
      {1, 1, 1, 4, 4, 5, 5, 6, 6},
      {1, 1, 1, 4},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
      {1, 1, 1, 4, 4, 4, 4},
      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
  };
  for (const auto& log : follows) {
    cluster c(0);
    c.add(1, options_of(1), disk_with({1, 2, 3}, leads, 7));
    c.add(2, options_of(2), disk_with({1, 2, 3}, log, 7));
    c.add(3, options_of(3), disk_with({1, 2, 3}, {}, 7));
    c.elect(1);
    auto then = leads;
    then.push_back(8);
    CHECK(terms_of(c[2].durable) == then);
    CHECK(terms_of(c[3].durable) == then);
    CHECK(c[2]->commit() == log_index{11});
  }
}

TEST_CASE("5.3: conflicting terms are skipped whole, on both sides", "[trap-15]") {
  // Each of 50 entries conflicts; the follower's terms lie between the leader's.
  std::vector<std::uint64_t> leads = {1};
  std::vector<std::uint64_t> follows = {1};
  for (std::uint64_t n = 0; n < 50; ++n) {
    leads.push_back(n < 25 ? 3 : 5);
    follows.push_back(n < 25 ? 2 : 4);
  }
  cluster c(0);
  c.add(1, options_of(1), disk_with({1, 2}, leads, 5));
  c.add(2, options_of(2), disk_with({1, 2}, follows, 5));
  int refusals = 0;
  c.loses = [&refusals](const message& m) {
    const auto* r = std::get_if<append_response>(&m.body);
    refusals += r != nullptr && !r->accepted ? 1 : 0;
    return false;
  };
  c.elect(1);
  CHECK(terms_of(c[2].durable) == terms_of(c[1].durable));
  CHECK(refusals <= 3);
}

TEST_CASE("5.3: a follower learns no further commit than the request has verified", "[trap-14]") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1, 1}, 2));
  SECTION("an empty append verifies only what it follows on") {
    h.receive(2, 2, append_of(1, 1, 3));
    CHECK(h->commit() == log_index{1});
  }
  SECTION("entries verify themselves") {
    h.receive(2, 2, append_of(1, 1, 3, {make_entry(2, 1)}));
    CHECK(h->commit() == log_index{2});
  }
}

TEST_CASE("5.3: a resend that overlaps what matches truncates nothing", "[trap-13]") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1, 1, 1}, 1));
  h.receive(2, 1, append_of(1, 1, 0, {make_entry(2, 1)}));
  CHECK(h.durable.last() == log_index{4});
  CHECK(h->term_at(log_index{4}) == term{1});
  // Accepted only as far as it was verified.
  CHECK(h.take_sent<append_response>().at(0).matched == log_index{2});
}

TEST_CASE("5.3: an append below the commit index is answered with the commit index") {
  auto h = follower_with(disk_with({1, 2, 3}, {1, 1, 1}, 1));
  h.receive(2, 1, append_of(3, 1, 3));
  h.outbox.clear();
  h.receive(2, 7, append_of(1, 7, 3, {make_entry(2, 7)}));
  const auto answer = h.take_sent<append_response>().at(0);
  CHECK(answer.accepted);
  CHECK(answer.matched == log_index{3});
  CHECK(h.durable.last() == log_index{3});
}

TEST_CASE("5.3: malformed appends change nothing") {
  auto h = follower_with(disk_with({1, 2, 3}, {1}, 1));
  h.receive(2, 1, append_of(1, 1, 0, {make_entry(3, 1)}));
  h.receive(2, 1, append_of(1, 1, 0, {make_entry(2, 9)}));
  h.receive(2, 1, append_of(1, 1, 0, {nullptr}));
  h.receive(2, 1, append_of(1, 1, 0, {make_entry(2, 1), make_entry(3, 0)}));
  CHECK(h.durable.last() == log_index{1});
  CHECK(h->soft().leader.is_none());
}

TEST_CASE("5.3: an append is accepted only once it is durable") {
  auto h = follower_with(disk_of({1, 2, 3}));
  h->step({node_id{2}, node_id{1}, term{1}, append_of(0, 0, 0, {make_entry(1, 1)})});
  REQUIRE(h.take_one());
  CHECK(h.outbox.empty());
  h->step({node_id{2}, node_id{1}, term{1}, append_of(1, 1, 0)});
  REQUIRE(h.take_one());
  CHECK(h.outbox.empty());
  REQUIRE(h.write_one());
  REQUIRE(h.write_one());
  const auto answers = h.take_sent<append_response>();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].matched == log_index{1});
}

TEST_CASE("5.3: appends taken in together are answered once") {
  auto h = follower_with(disk_of({1, 2, 3}));
  for (std::uint64_t i = 0; i < 5; ++i) {
    h->step(
        {node_id{2}, node_id{1}, term{1}, append_of(i, i == 0 ? 0 : 1, 0, {make_entry(i + 1, 1)})});
  }
  h.run();
  const auto answers = h.take_sent<append_response>();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].matched == log_index{5});
}

TEST_CASE("5.3: proposals of one batch, and the commit index behind them, share one append") {
  auto h = leader_with(disk_of({1, 2}));
  h.receive(2, 1, accepted_to(1));
  h.outbox.clear();
  for (int n = 0; n < 4; ++n) {
    const bytes command = text("x");
    REQUIRE(h->propose({&command, 1}));
  }
  h.run();
  const auto sent = h.take_sent<append_request>();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].entries.size() == 4);
  CHECK(h->status().progress.at(1).in_flight == 4);
}

TEST_CASE("5.3: a lost append is sent again after the follower says it lives") {
  cluster c(2);
  c.elect(1);
  c.loses = [](const message& m) { return std::holds_alternative<append_request>(m.body); };
  REQUIRE(!c.propose(1, "x"));
  c.settle();
  c.loses = {};
  CHECK(c[2].durable.last() == log_index{1});
  c.tick(1);
  // The next append does not fit, is refused, and probing finds the place.
  REQUIRE(!c.propose(1, "y"));
  c.settle();
  CHECK(c[2].durable.last() == log_index{3});
}

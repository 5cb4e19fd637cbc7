// Log and state of one member, each left where a crash left it.
#include "persistence/member_loading.hpp"

#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/snapshot_fixture.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::term;

constexpr raft::group_id group = state_fixture::group;

/// The two stores of a node. Logs are written by term only: what stands in an entry is of no
/// concern here.
struct stored_node {
  state_fixture states;
  std::unique_ptr<log_store> log = open_log();
  std::uint64_t log_bytes = 0;

  std::unique_ptr<log_store> open_log() {
    auto opened = log_store::open({states.scratch.path() + "/log", 1U << 20U, nullptr});
    REQUIRE(opened);
    return *std::move(opened);
  }
  void append(std::uint64_t first, const std::vector<std::uint64_t>& terms,
              std::optional<raft::hard_state> hard = std::nullopt) {
    raft::write w;
    w.hard = hard;
    for (std::uint64_t i = 0; i < terms.size(); ++i) {
      w.entries.push_back(entry_of(first + i, terms[i]));
    }
    const group_write job{group, &w};
    const auto done = log->append({&job, 1});
    INFO(done.message());
    REQUIRE(done.ok());
  }
  void restart() {
    log.reset();
    log = open_log();
    states.reopen();
  }
  raft::restored_state load() {
    auto loaded = load_member(*log, *states.store, group, voters_of({1, 2}));
    INFO((loaded ? std::string() : loaded.error().message()));
    REQUIRE(loaded);
    states.state = loaded->data;
    log_bytes = loaded->log_bytes;
    return std::move(loaded->restored);
  }
  /// The state of another member, at `last`, takes this one's place.
  void install(std::uint64_t last) {
    state_fixture from;
    from.apply_up_to(last);
    const auto where = from.fresh_path();
    from.export_to(where);
    REQUIRE(states.store->install_snapshot(group, where).ok());
  }
};

/// Entry 1 to `last`, each in the term that the state fixture gives it.
std::vector<std::uint64_t> true_terms(std::uint64_t last) {
  std::vector<std::uint64_t> terms;
  for (std::uint64_t i = 1; i <= last; ++i) {
    terms.push_back(state_fixture::term_of(i).value());
  }
  return terms;
}

raft::hard_state hard(std::uint64_t t, std::uint64_t vote = 0) {
  return {term{t}, raft::node_id{vote}};
}

TEST_CASE("loading: a new member begins with nothing, under its initial configuration") {
  stored_node n;
  for (int restart = 0; restart < 2; ++restart) {
    const auto m = n.load();
    CHECK(m.applied == log_index{});
    CHECK(m.last == log_index{});
    CHECK(m.snapshot.peers == voters_of({1, 2}));
    CHECK(n.states.state->point() == applied_state{{}, {}, voters_of({1, 2})});
    n.restart();
  }
}

TEST_CASE("loading: a log that holds what is applied stays as it is") {
  stored_node n;
  n.load();
  n.append(1, true_terms(30), hard(9, 2));
  n.states.apply_up_to(25);
  n.restart();
  const auto m = n.load();
  CHECK(m.applied == log_index{25});
  CHECK(m.last == log_index{30});
  CHECK(m.snapshot.index == log_index{});
  CHECK(m.hard == hard(9, 2));
}

TEST_CASE("loading: a snapshot that the log does not know yet becomes the log's beginning") {
  stored_node n;
  n.load();
  n.append(1, true_terms(10), hard(2, 1));
  n.states.apply_up_to(8);
  n.install(25);
  n.restart();
  for (int restart = 0; restart < 2; ++restart) {
    const auto m = n.load();
    CHECK(m.applied == log_index{25});
    CHECK(m.snapshot == state_fixture::point_at(25));
    CHECK(m.last == log_index{25});
    // The member never reached the snapshot's term, so it has voted for nobody in it.
    CHECK(m.hard == hard(state_fixture::term_of(25).value()));
    n.restart();
  }
  n.load();
  n.append(26, {state_fixture::term_of(25).value(), 7});
}

TEST_CASE("loading: a vote in the snapshot's term, or a later one, is kept") {
  const std::uint64_t in = GENERATE(3U, 8U);
  stored_node n;
  n.load();
  n.append(1, true_terms(10), hard(in, 2));
  n.install(25);  // of term 3
  n.restart();
  CHECK(n.load().hard == hard(in, 2));
}

TEST_CASE("loading: a log that took another way before the snapshot is replaced") {
  stored_node n;
  n.load();
  n.append(1, true_terms(10), hard(2));
  n.append(11, std::vector<std::uint64_t>(20, 2));  // never committed; entry 25 is of term 3
  n.states.apply_up_to(10);
  n.install(25);
  n.restart();
  const auto m = n.load();
  CHECK(m.snapshot == state_fixture::point_at(25));
  CHECK(m.last == log_index{25});
}

TEST_CASE("loading: a log that holds the snapshot's last entry keeps what follows it") {
  stored_node n;
  n.load();
  n.append(1, true_terms(40), hard(5));
  n.states.apply_up_to(10);
  n.install(25);
  n.restart();
  const auto m = n.load();
  CHECK(m.applied == log_index{25});
  CHECK(m.snapshot.index == log_index{});
  CHECK(m.last == log_index{40});
}

TEST_CASE("loading: a log that was cut behind the state's reach is refused, and says so") {
  stored_node n;
  n.load();
  n.append(1, true_terms(40), hard(5));
  n.states.apply_up_to(20);
  REQUIRE(n.log->compact(group, log_index{20}).ok());
  n.restart();
  CHECK(n.load().applied == log_index{20});
  REQUIRE(n.log->compact(group, log_index{21}).ok());
  n.restart();
  const auto refused = load_member(*n.log, *n.states.store, group, voters_of({1, 2}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == status_code::corrupt);
  CHECK(refused.error().message().find("group 7") != std::string::npos);
  CHECK(refused.error().message().find("21") != std::string::npos);
  CHECK(refused.error().message().find("20") != std::string::npos);
}

TEST_CASE("loading: a log that is cut knows the configuration at the cut") {
  stored_node n;
  n.load();
  raft::write w;
  auto change = std::make_shared<raft::entry>(*entry_of(1, 1));
  change->type = raft::entry_type::configuration;
  change->peers = voters_of({1, 2, 3});
  w.entries = {change, entry_of(2, 1), entry_of(3, 1)};
  w.hard = hard(1);
  const group_write job{group, &w};
  REQUIRE(n.log->append({&job, 1}).ok());
  REQUIRE(n.states.state->begin()->commit({log_index{1}, term{1}, voters_of({1, 2, 3})}).ok());
  REQUIRE(n.states.state->begin()->commit({log_index{3}, term{1}, {}}).ok());
  REQUIRE(n.log->compact(group, log_index{2}).ok());
  n.restart();
  const auto m = n.load();
  CHECK(m.snapshot == raft::snapshot_point{log_index{2}, term{1}, voters_of({1, 2, 3})});
  CHECK(n.states.state->point().peers == voters_of({1, 2, 3}));
}

TEST_CASE("loading: a state that lost its unsynced end is brought forward by the log") {
  fault_env env;
  state_fixture states(&env);
  auto log = *log_store::open({states.scratch.path() + "/log", 1U << 20U, nullptr});
  REQUIRE(load_member(*log, *states.store, group, voters_of({1, 2})));
  raft::write w;
  for (std::uint64_t i = 1; i <= 30; ++i) {
    w.entries.push_back(entry_of(i, state_fixture::term_of(i).value()));
  }
  w.hard = hard(4);
  const group_write job{group, &w};
  REQUIRE(log->append({&job, 1}).ok());
  states.take_over();
  states.apply_up_to(12);
  REQUIRE(states.store->flush().ok());
  states.apply_up_to(30);
  REQUIRE(log->compact(group, states.store->durable_applied(group)).ok());
  env.freeze();
  states.close();
  env.drop_unsynced();
  env.thaw();
  states.reopen();
  const auto m = load_member(*log, *states.store, group, voters_of({1, 2}));
  REQUIRE(m);
  CHECK(m->restored.applied == log_index{12});
  CHECK(m->restored.snapshot.index == log_index{12});
  CHECK(m->restored.last == log_index{30});
}

}  // namespace
}  // namespace troupe::persistence

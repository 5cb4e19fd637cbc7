// The processor host: what a processor throws or refuses changes nothing, a store that asks to wait
// is waited for by virtual time, and queries find their way past apply.
#include "groups/processor_host.hpp"

#include "persistence/memory_state.hpp"
#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

/// Puts each command under its own name; some commands misbehave after that.
class moody : public processor {
 public:
  test_system* t = nullptr;
  std::vector<std::string> hooks;
  int commits = 0;
  mutable std::vector<std::string> asked;

  [[nodiscard]] std::string group() const override { return "moody"; }
  reply apply(const command& c, persistence::state_batch& batch) override {
    const std::string text(c.data.view());
    batch.put(text, "there");
    if (text == "throw") throw std::runtime_error("in a mood");
    if (text == "odd") throw 7;
    if (text == "refuse") return reply::refused("not today");
    if (text == "slow") t->spend(3ms);
    return reply::ok("did " + text);
  }
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override {
    asked.emplace_back(request);
    if (request == "throw") throw std::runtime_error("in a mood");
    if (request == "slow") t->spend(3ms);
    return reply::ok(view.get(request).value_or("absent"));
  }
  [[nodiscard]] bool query_may_scan(std::string_view request) const override {
    return request.starts_with("scan");
  }
  void loaded(const persistence::state_view&) override { hooks.emplace_back("loaded"); }
  void committed() override { ++commits; }
  void leader_started(raft::term term) override { hooks.push_back("started " + to_string(term)); }
  void leader_stopped() override {
    hooks.emplace_back("stopped");
    throw std::runtime_error("a hook may throw, too");
  }
};

struct host_rig {
  explicit host_rig(std::uint32_t queries_max = 10) {
    object->t = &t;
    pool = std::make_shared<groups::query_pool>(*t.system, 1, queries_max);
    maker = groups::host_maker(object, pool);
    host = t.keep(maker(*t.system, state));
  }
  ~host_rig() { pool->stop(); }

  /// Has the commands applied, as far as the host gets; nothing while it waits for the store.
  std::shared_ptr<std::optional<actors::apply_done>> apply(const std::vector<std::string>& texts) {
    actors::apply_batch batch;
    batch.data = state;
    for (const auto& text : texts) {
      batch.commands.push_back({raft::log_index{++last}, raft::term{1}, raft::bytes(text)});
    }
    batch.last = raft::log_index{last};
    auto heard = std::make_shared<std::optional<actors::apply_done>>();
    t.system->spawn([heard, batch, to = *host](caf::event_based_actor* self) {
      self->request(to, caf::infinite, batch)
          .then([heard](actors::apply_done& done) { *heard = std::move(done); },
                [](const caf::error&) {});
    });
    t.run();
    return heard;
  }
  void query(const std::string& text, std::chrono::milliseconds timeout = 1s) {
    actors::send(*host,
                 actors::query_job{
                     {{raft::bytes(text), t.now() + timeout, make_promise(heard, text)}}, state});
  }
  void query_together(const std::vector<std::string>& texts) {
    actors::query_job job{{}, state};
    for (const auto& text : texts) {
      job.queries.push_back({raft::bytes(text), t.now() + 1s, make_promise(heard, text)});
    }
    actors::send(*host, std::move(job));
  }
  void lead(std::uint64_t term, bool leads) {
    actors::leadership l;
    l.state.term = raft::term{term};
    l.state.is_leader = leads;
    actors::send(*host, std::move(l));
    t.run();
  }

  std::shared_ptr<moody> object = std::make_shared<moody>();
  std::shared_ptr<persistence::memory_state> state = std::make_shared<persistence::memory_state>();
  std::shared_ptr<answers> heard = std::make_shared<answers>();
  std::uint64_t last = 0;
  test_system t{
      [](caf::actor_system_config& c) { c.add_message_types<caf::id_block::troupe_groups>(); }};
  std::shared_ptr<groups::query_pool> pool;
  groups::processor_maker maker;
  std::optional<actors::processor_actor> host;
};

std::vector<std::string> texts_of(const actors::apply_done& done) {
  std::vector<std::string> all;
  for (const auto& r : done.replies) all.push_back(r.success ? r.data : "refused: " + r.error);
  return all;
}

std::vector<std::string> keys_of(const persistence::memory_state& state) {
  std::vector<std::string> all;
  for (const auto& [key, value] : state.keys()) all.push_back(key);
  return all;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what a command wrote before it threw or refused is not kept, the others' writes are") {
  host_rig r;
  const auto done = r.apply({"a", "throw", "b", "refuse", "odd", "c"});
  REQUIRE(*done);
  CHECK((*done)->status.ok());
  CHECK((*done)->applied == raft::log_index{6});
  CHECK(texts_of(**done) == texts{"did a", "refused: the processor failed: in a mood", "did b",
                                  "refused: not today", "refused: the processor failed", "did c"});
  CHECK(keys_of(*r.state) == texts{"a", "b", "c"});
  CHECK(r.state->applied() == raft::log_index{6});
}

TEST_CASE("a batch of refusals alone still moves the applied index") {
  host_rig r;
  const auto done = r.apply({"throw", "refuse"});
  REQUIRE(*done);
  CHECK(r.state->applied() == raft::log_index{2});
  CHECK(keys_of(*r.state).empty());
}

TEST_CASE("a host waits for a store that stalls, and applies nothing twice when it resumes") {
  host_rig r;
  r.state->stall(3);
  const auto done = r.apply({"a", "b"});
  CHECK_FALSE(*done);
  r.t.pass(14ms);
  CHECK_FALSE(*done);
  CHECK(r.state->applied().is_none());
  // Others are served meanwhile.
  r.query("a");
  r.t.run();
  CHECK(*r.heard == answers{"a absent"});
  CHECK(r.object->commits == 0);
  r.t.pass(1ms);
  REQUIRE(*done);
  CHECK((*done)->status.ok());
  CHECK(r.object->commits == 1);
  CHECK(texts_of(**done) == texts{"did a", "did b"});
  CHECK(r.state->applied() == raft::log_index{2});
  CHECK(r.t.timers() == 0);
}

TEST_CASE("a host that is fenced, also while it waits, says so and writes nothing") {
  host_rig r;
  r.state->stall(1);
  const auto done = r.apply({"a"});
  r.state->fence();
  r.t.pass(5ms);
  REQUIRE(*done);
  CHECK((*done)->status.code() == persistence::status_code::fenced);
  CHECK(r.state->keys().empty());
  CHECK(r.object->commits == 0);
}

TEST_CASE("after its turn a host commits what it has and leaves the rest, at least one command") {
  host_rig r;
  const auto done = r.apply({"slow", "slow", "a", "b"});
  REQUIRE(*done);
  CHECK((*done)->applied == raft::log_index{2});
  CHECK((*done)->replies.size() == 2);
  CHECK(r.state->applied() == raft::log_index{2});
  CHECK(keys_of(*r.state) == texts{"slow"});
}

TEST_CASE("hooks follow leadership, a new host of a leading processor begins as a follower") {
  host_rig r;
  r.t.run();
  r.lead(1, false);
  r.lead(2, true);
  r.lead(2, true);
  r.lead(3, false);
  r.lead(4, true);
  CHECK(r.object->hooks == texts{"loaded", "started 2", "stopped", "started 4"});
  test_system::end(*r.host);
  r.t.run();
  r.host = r.t.keep(r.maker(*r.t.system, r.state));
  r.t.run();
  CHECK(r.object->hooks ==
        texts{"loaded", "started 2", "stopped", "started 4", "stopped", "loaded"});
}

TEST_CASE("a query sees what is committed, what it throws is a refusal, too late it is not asked") {
  host_rig r;
  REQUIRE(*r.apply({"a"}));
  for (const auto* text : {"a", "b", "throw"}) r.query(text);
  r.query("late", -1ms);
  r.t.run();
  CHECK(*r.heard == answers{"a there", "b absent", "throw refused", "late read_timed_out"});
  CHECK(r.object->asked == texts{"a", "b", "throw"});
}

TEST_CASE("queries that come together are answered each by itself, the rest of a long turn later") {
  host_rig r;
  REQUIRE(*r.apply({"a"}));
  r.query_together({"a", "throw", "scan", "slow", "slow", "b", "c"});
  r.t.prefer(*r.host);
  r.t.step();
  CHECK(*r.heard == answers{"a there", "throw refused", "slow absent", "slow absent"});
  r.query("d");
  r.t.run();
  CHECK(std::erase(*r.heard, "scan absent") == 1);
  CHECK(*r.heard == answers{"a there", "throw refused", "slow absent", "slow absent", "b absent",
                            "c absent", "d absent"});
}

TEST_CASE("a query whose time is over when its turn comes is not asked, those with it are") {
  host_rig r;
  actors::query_job job{{}, r.state};
  job.queries.push_back({raft::bytes("slow"), r.t.now() + 1s, make_promise(r.heard, "slow")});
  job.queries.push_back({raft::bytes("late"), r.t.now() + 2ms, make_promise(r.heard, "late")});
  job.queries.push_back({raft::bytes("a"), r.t.now() + 1s, make_promise(r.heard, "a")});
  actors::send(*r.host, std::move(job));
  r.t.run();
  CHECK(*r.heard == answers{"slow absent", "late read_timed_out", "a absent"});
  CHECK(r.object->asked == texts{"slow", "a"});
}

TEST_CASE("queries that scan wait for a worker, as many as the pool takes, the others do not") {
  host_rig r(2);
  for (const auto* text : {"scan 1", "scan 2", "scan 3", "plain"}) r.query(text);
  r.t.prefer(*r.host);
  for (int i = 0; i < 4; ++i) r.t.step();
  CHECK(*r.heard == answers{"scan 3 overloaded", "plain absent"});
  r.t.run();
  CHECK(r.object->asked == texts{"plain", "scan 1", "scan 2"});
  r.query("scan 4");
  r.t.run();
  CHECK(r.heard->back() == "scan 4 absent");
}

TEST_CASE("queries that wait when a query worker ends are answered by its successor") {
  host_rig r(2);
  const auto worker = r.pool->workers().front();
  for (const auto* text : {"scan 1", "scan 2"}) r.query(text);
  r.t.prefer(*r.host);
  for (int i = 0; i < 2; ++i) r.t.step();
  caf::anon_send<caf::message_priority::high>(
      caf::actor_cast<caf::actor>(worker), caf::exit_msg{worker.address(), caf::exit_reason::kill});
  r.t.run();
  // Nobody has noticed yet: what is asked meanwhile waits as well, within the pool's limit.
  r.query("scan 3");
  r.t.run();
  CHECK(*r.heard == answers{"scan 3 overloaded"});
  REQUIRE(r.pool->replace(worker.address()));
  CHECK_FALSE(r.pool->replace(worker.address()));
  r.t.run();
  CHECK(*r.heard == answers{"scan 3 overloaded", "scan 1 absent", "scan 2 absent"});
  r.query("scan 4");
  r.t.run();
  CHECK(r.heard->back() == "scan 4 absent");
}

TEST_CASE("queries that wait when the pool stops, or come later, hear that the node stops") {
  host_rig r;
  r.query("scan 1");
  r.t.prefer(*r.host);
  r.t.step();
  r.pool->stop();
  r.query("scan 2");
  r.t.run();
  CHECK(*r.heard == answers{"scan 1 shutting_down", "scan 2 shutting_down"});
  CHECK(r.object->asked.empty());
}

// Every single actor of a node can be ended while requests are under way: what was acknowledged
// stays, nothing is applied twice, nobody waits for ever, and the node goes on.
#include <atomic>
#include <set>

#include "cluster_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

/// Remembers each command's text once more, so that a second application of it can be seen.
class recorder : public processor {
 public:
  [[nodiscard]] std::string group() const override { return "counter"; }
  reply apply(const command& c, persistence::state_batch& batch) override {
    const std::string key(c.data.view());
    const auto times = std::stoi(batch.get(key).value_or("0")) + 1;
    batch.put(key, std::to_string(times));
    return reply::ok();
  }
  [[nodiscard]] reply query(std::string_view, const persistence::state_view& view) const override {
    std::string all;
    view.scan("", "", [&](std::string_view key, std::string_view value) {
      all.append(key).append("=").append(value).append(" ");
      return true;
    });
    return reply::ok(all);
  }
  [[nodiscard]] bool query_may_scan(std::string_view) const override { return true; }
};

/// A member that was ended may still be on its way back. It says so then, with an error that is
/// safe to retry.
std::string ask_until_answered(node& n) {
  std::optional<result> heard;
  REQUIRE(eventually([&] {
    heard.emplace(n.group("counter").query("").get());
    return *heard || !is_retriable(heard->error().code);
  }));
  INFO(text_of(*heard));
  REQUIRE(*heard);
  return text_of(*heard);
}

std::map<std::string, int> recorded(node& n) {
  std::map<std::string, int> times;
  std::istringstream all(ask_until_answered(n));
  for (std::string item; all >> item;) {
    const auto at = item.find('=');
    times[item.substr(0, at)] = std::stoi(item.substr(at + 1));
  }
  return times;
}

/// Proposes until told to stop; knows what was acknowledged and how often an outcome was unknown.
struct load {
  explicit load(node& n) : target(n), thread([this] { run(); }) {}
  ~load() { stop(); }
  void stop() {
    ending = true;
    if (thread.joinable()) thread.join();
  }
  void run() {
    for (int i = 0; !ending; ++i) {
      std::vector<std::pair<std::string, std::future<result>>> window;
      for (int k = 0; k < 8; ++k) {
        auto key = std::to_string(i) + "-" + std::to_string(k);
        propose_options o;
        o.timeout = std::chrono::seconds(3);
        window.emplace_back(key, target.group("counter").propose(key, o));
      }
      for (auto& [key, answer] : window) {
        const auto r = answer.get();
        if (r) {
          acknowledged.insert(key);
          ++count;
        } else if (r.error().code == error_code::outcome_unknown) {
          unknown.insert(key);
        } else {
          refused.insert(key);
        }
      }
    }
  }
  node& target;
  std::atomic<bool> ending{false};
  std::atomic<int> count{0};
  std::set<std::string> acknowledged;
  std::set<std::string> unknown;
  std::set<std::string> refused;
  std::thread thread;
};

class recording_cluster : public cluster {
 public:
  recording_cluster() : cluster(3, {}) {
    for (auto& [id, n] : nodes()) {
      REQUIRE(n->add(std::make_shared<recorder>()).code == error_code::ok);
    }
  }
};

void end_role(node& n, const std::string& role) {
  std::vector<caf::actor> players;
  REQUIRE(eventually([&] { return !(players = n.inside().roles->find(role)).empty(); }));
  for (const auto& who : players) caf::anon_send_exit(who, caf::exit_reason::kill);
}

void check_history(cluster& c, const load& l) {
  for (auto& [id, n] : c.nodes()) {
    const auto times = recorded(*n);
    for (const auto& key : l.acknowledged) {
      INFO("node " << to_string(id) << " key " << key);
      REQUIRE(times.contains(key));
    }
    for (const auto& [key, applied] : times) {
      INFO("node " << to_string(id) << " key " << key);
      REQUIRE(applied == 1);
      REQUIRE_FALSE(l.refused.contains(key));
    }
  }
}

}  // namespace

TEST_CASE("ending any role of the leader's node loses nothing that was acknowledged") {
  const auto role = GENERATE(as<std::string>{}, "group", "fsm_caller", "processor",
                             "election_timer", "replicator", "log_writer", "log_reader", "ticker",
                             "forwarder", "peer_link", "query_worker", "registry");
  INFO("role " << role);
  recording_cluster c;
  load l(*c.nodes().at(c.await_leader()));
  for (int round = 0; round < 3; ++round) {
    const int before = l.count;
    REQUIRE(eventually([&] { return l.count > before + 50; }));
    end_role(*c.nodes().at(c.await_leader()), role);
  }
  const int before = l.count;
  CHECK(eventually([&] { return l.count > before + 50; }));
  l.stop();
  check_history(c, l);
}

TEST_CASE("ending any role of a follower's node goes unnoticed by those who write elsewhere") {
  const auto role = GENERATE(as<std::string>{}, "group", "log_writer", "peer_link", "registry");
  INFO("role " << role);
  recording_cluster c;
  const auto leader = c.await_leader();
  const auto follower = c.a_follower();
  load l(*c.nodes().at(leader));
  REQUIRE(eventually([&] { return l.count > 50; }));
  end_role(*c.nodes().at(follower), role);
  const int before = l.count;
  CHECK(eventually([&] { return l.count > before + 200; }));
  l.stop();
  CHECK(l.unknown.empty());
  check_history(c, l);
}

TEST_CASE("ending query workers fails no query") {
  recording_cluster c;
  auto& n = *c.nodes().at(c.await_leader());
  constexpr int together = 16;
  std::set<std::string> failures;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::future<result>> asked;
    for (int i = 0; i < together; ++i) {
      if (i == together / 2) end_role(n, "query_worker");
      query_options o;
      o.consistency = consistency::local;
      asked.push_back(n.group("counter").query("", o));
    }
    for (auto& a : asked) {
      if (const auto r = a.get(); !r) failures.insert(text_of(r));
    }
  }
  CHECK(failures == std::set<std::string>{});
}

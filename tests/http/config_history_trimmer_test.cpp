#include "http/config_history_trimmer.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr std::uint64_t day_ms = 86'400'000;

/// Rows in the history of one configuration.
std::size_t rows(const running_server& s) {
  const auto r = s.get("/nacos/v1/cs/history?search=accurate&dataId=a&group=g");
  return nlohmann::json::parse(r.body).at("totalCount");
}

void publish(const running_server& s) {
  REQUIRE(s.connect().form("POST", "/nacos/v1/cs/configs", "dataId=a&group=g&content=x").status ==
          200);
}

void lead(fake_cluster& cluster, raft::role role) {
  group_status g;
  g.name = "nacos_config";
  g.core.soft.role = role;
  cluster.shown.groups = {g};
}

http::history_retention quick(const running_server& s) {
  http::history_retention r;
  r.kept = std::chrono::hours(24 * 30);
  r.look_every = std::chrono::milliseconds(1);
  r.trim_every = std::chrono::milliseconds(day_ms);
  r.now_ms = [clock = s.now_ms] { return clock->load(); };
  return r;
}

template <class Condition>
bool eventually(Condition holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A trimmer on a thread of its own.
class running_trimmer {
 public:
  running_trimmer(const running_server& s, http::history_retention retention)
      : cluster_(s.cluster),
        trimmer_(http::config_history_trimmer::start(io_, s.cluster, std::move(retention))),
        thread_([this] { io_.run(); }) {}
  explicit running_trimmer(const running_server& s) : running_trimmer(s, quick(s)) {}
  ~running_trimmer() {
    trimmer_->stop();
    work_.reset();
    thread_.join();
    // What the cluster still owes it comes before this.
    std::promise<void> answered;
    cluster_->status([&](const node_status&) { answered.set_value(); });
    answered.get_future().wait();
  }

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::shared_ptr<fake_cluster> cluster_;
  std::shared_ptr<http::config_history_trimmer> trimmer_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("the leader has the history forget what is older than it is kept", "[config][trim]") {
  running_server s;
  publish(s);
  s.now_ms->fetch_add(20 * day_ms);
  publish(s);
  s.now_ms->fetch_add(11 * day_ms);
  lead(*s.cluster, raft::role::leader);
  {
    const running_trimmer t(s);
    CHECK(eventually([&] { return rows(s) == 1; }));
    // Not again before a day has passed, then what has become too old meanwhile.
    s.now_ms->fetch_add(20 * day_ms);
    CHECK(eventually([&] { return rows(s) == 0; }));
  }
}

TEST_CASE("who does not lead trims nothing", "[config][trim]") {
  running_server s;
  publish(s);
  s.now_ms->fetch_add(40 * day_ms);
  lead(*s.cluster, raft::role::follower);
  const auto looked = std::make_shared<std::atomic<int>>(0);
  auto retention = quick(s);
  retention.now_ms = [looked, clock = s.now_ms] {
    ++*looked;
    return clock->load();
  };
  const running_trimmer t(s, retention);
  CHECK(eventually([&] { return *looked > 3; }));
  CHECK(rows(s) == 1);
}

TEST_CASE("a long history is trimmed in several entries", "[config][trim]") {
  running_server s;
  auto c = s.connect();
  for (int i = 0; i < 1'003; ++i) {
    c.form("POST", "/nacos/v1/cs/configs", "dataId=a&group=g&content=x");
  }
  s.now_ms->fetch_add(31 * day_ms);
  lead(*s.cluster, raft::role::leader);
  const running_trimmer t(s);
  CHECK(eventually([&] { return rows(s) == 0; }));
}

TEST_CASE("a trim that failed is tried again", "[config][trim]") {
  running_server s;
  publish(s);
  s.now_ms->fetch_add(40 * day_ms);
  lead(*s.cluster, raft::role::leader);
  s.cluster->fail_with(error{error_code::no_leader, "", {}});
  const running_trimmer t(s);
  REQUIRE(eventually([&] { return s.cluster->last_asked().group == "nacos_config"; }));
  s.cluster->fail_with(std::nullopt);
  CHECK(eventually([&] { return rows(s) == 0; }));
}

// A node whose disk hangs, in a real cluster.
#include "cluster_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

/// As a disk that does not come back from a write: the node's log writer waits for us. Only for a
/// node whose log writer was never replaced.
class hanging_disk {
 public:
  explicit hanging_disk(node& of)
      : holder_([this, fence = of.inside().fence] {
          fence->run_as(1, [this] {
            held_.set_value();
            released_.get_future().wait();
          });
        }) {
    held_.get_future().wait();
  }
  ~hanging_disk() {
    released_.set_value();
    holder_.join();
  }

 private:
  std::promise<void> held_;
  std::promise<void> released_;
  std::thread holder_;
};

}  // namespace

TEST_CASE("a node whose disk hangs hands all its groups over, and follows again when it goes on") {
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) names.push_back("g" + std::to_string(i));
  cluster c(3, names, [](node_options& o) { o.disk_stall_max = std::chrono::milliseconds(200); });
  for (const auto& name : names) c.await_leader(name);
  const auto stalled = c.leader(names[0]);
  auto& held = *c.nodes().at(stalled);
  const auto through = c.a_follower(names[0]);
  std::size_t led = 0;
  for (const auto& name : names) led += c.leader(name) == stalled ? 1 : 0;
  {
    const hanging_disk hangs(held);
    // Somebody has to write, or nothing hangs.
    const auto waits = held.group(names[0]).propose("1");
    CHECK(eventually([&] { return held.inside().figures->made_way > 0; }));
    for (const auto& name : names) {
      INFO(name);
      const auto said = c.nodes().at(through)->group(name).propose("1").get();
      CHECK(text_of(said).find("error") == std::string::npos);
      CHECK(cluster::group_of(held, name).core.soft.role == raft::role::follower);
    }
    CHECK(held.inside().figures->made_way >= led);
  }
  for (const auto& name : names) {
    const auto commit = cluster::group_of(*c.nodes().at(through), name).core.commit;
    CHECK(eventually([&] { return cluster::group_of(held, name).core.applied >= commit; }));
  }
}

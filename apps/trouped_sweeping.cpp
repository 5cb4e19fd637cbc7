#include "apps/trouped_sweeping.hpp"

#include <chrono>
#include <random>
#include <string>
#include <utility>

#include "naming/sweeper.hpp"

namespace troupe::apps {

namespace {

constexpr std::chrono::seconds sweep_interval{5};

std::uint64_t epoch_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

std::unique_ptr<naming::periodic> start_sweeping(const std::shared_ptr<node>& of,
                                                 std::shared_ptr<const naming::catalogue> swept,
                                                 raft::node_id id) {
  naming::sweeper::options o;
  o.node = id;
  o.first_request = std::random_device{}();
  // Not shared: the timer lives on the node's own threads.
  auto propose = [n = of.get()](std::string_view group, raft::bytes entry, completion done) {
    n->group(std::string(group)).propose(std::move(entry), {}, std::move(done));
  };
  const auto sweeps = std::make_shared<naming::sweeper>(std::move(swept), o, std::move(propose));
  return std::make_unique<naming::periodic>(of->io(), sweep_interval,
                                            [sweeps] { sweeps->sweep(epoch_ms()); });
}

}  // namespace troupe::apps

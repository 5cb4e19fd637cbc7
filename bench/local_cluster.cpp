#include "bench/local_cluster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "bench/named_key_value.hpp"

namespace troupe::bench {
namespace {

using boost::asio::ip::tcp;

/// Grows with the groups: 10,000 of them are loaded, too.
std::chrono::seconds ready_within(std::size_t groups) {
  return std::chrono::seconds(15 + groups / 100);
}
constexpr std::chrono::milliseconds pause{20};
/// A transfer is asked for again when it came to nothing.
constexpr std::chrono::milliseconds between_transfers{200};

/// Ports that were free a moment ago, all different: they are held together.
std::vector<std::string> free_addresses(std::size_t count) {
  boost::asio::io_context io;
  std::vector<tcp::acceptor> held;
  std::vector<std::string> found;
  for (std::size_t i = 0; i < count; ++i) {
    held.emplace_back(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    found.push_back("127.0.0.1:" + std::to_string(held.back().local_endpoint().port()));
  }
  return found;
}

bool is_ready(node& n) {
  auto answered = std::make_shared<std::promise<bool>>();
  auto future = answered->get_future();
  n.readiness([answered](const auto& reasons) { answered->set_value(reasons.empty()); });
  return future.get();
}

std::vector<std::string> led_by(node& n) {
  auto answered = std::make_shared<std::promise<node_status>>();
  auto future = answered->get_future();
  n.status([answered](node_status s) { answered->set_value(std::move(s)); });
  std::vector<std::string> names;
  for (const auto& g : future.get().groups) {
    if (g.core.soft.role == raft::role::leader) names.push_back(g.name);
  }
  return names;
}

}  // namespace

raft::expected<std::unique_ptr<local_cluster>, std::string> local_cluster::start(
    const std::string& directory, const std::vector<std::string>& groups) {
  auto path = directory + "/troupe-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return raft::unexpected("cannot make a directory below " + directory);
  }
  std::unique_ptr<local_cluster> cluster(new local_cluster(path, groups));
  std::uint64_t number = 0;
  for (const auto& address : free_addresses(3)) {
    cluster->members_[raft::node_id{++number}] = address;
  }
  for (const auto& [id, address] : cluster->members_) {
    if (auto failed = cluster->open(id); !failed.empty()) return raft::unexpected(failed);
  }
  const auto end = std::chrono::steady_clock::now() + ready_within(groups.size());
  for (auto& [id, n] : cluster->nodes_) {
    while (!is_ready(*n)) {
      if (std::chrono::steady_clock::now() > end) {
        return raft::unexpected("node " + to_string(id) + " does not become ready");
      }
      std::this_thread::sleep_for(pause);
    }
  }
  if (auto failed = cluster->spread_leaders(); !failed.empty()) return raft::unexpected(failed);
  return cluster;
}

local_cluster::~local_cluster() {
  nodes_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::vector<std::string> local_cluster::endpoints() const {
  std::vector<std::string> all;
  for (const auto& [id, address] : members_) all.push_back(address);
  return all;
}

std::map<std::string, raft::node_id> local_cluster::leaders() {
  std::map<std::string, raft::node_id> found;
  for (auto& [id, n] : nodes_) {
    for (auto& name : led_by(*n)) found[std::move(name)] = id;
  }
  return found;
}

std::string local_cluster::spread_leaders() {
  const auto end = std::chrono::steady_clock::now() + ready_within(groups_.size());
  while (std::chrono::steady_clock::now() < end) {
    const auto now_led = leaders();
    std::size_t missing = 0;
    for (std::size_t i = 0; i < groups_.size() && groups_.size() > 1; ++i) {
      const raft::node_id wanted{i % members_.size() + 1};
      const auto leader = now_led.find(groups_[i]);
      if (leader != now_led.end() && leader->second == wanted) continue;
      ++missing;
      if (leader == now_led.end()) continue;
      nodes_[leader->second]->transfer(groups_[i], to_string(wanted), [](const error&) {});
    }
    if (missing == 0) return {};
    std::this_thread::sleep_for(between_transfers);
  }
  return "the groups' leaders cannot be spread over the nodes";
}

std::vector<group> local_cluster::leading_groups() {
  const auto led = leaders();
  std::vector<group> handles;
  for (const auto& name : groups_) {
    const auto leader = led.find(name);
    auto& asked = leader == led.end() ? nodes_.begin()->second : nodes_[leader->second];
    handles.push_back(asked->group(name));
  }
  return handles;
}

std::string local_cluster::open(raft::node_id id) {
  node_options o;
  o.id = id;
  o.members = members_;
  o.data_directory = root_ + "/" + to_string(id);
  auto opened = node::open(o);
  if (!opened) return opened.error().setting + ": " + opened.error().message;
  nodes_[id] = std::move(*opened);
  for (const auto& name : groups_) {
    const auto refused = nodes_[id]->add(std::make_shared<named_key_value>(name));
    if (refused.code != error_code::ok) return name + ": " + refused.message;
  }
  return {};
}

}  // namespace troupe::bench

#include "bench/local_cluster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "processors/key_value.hpp"

namespace troupe::bench {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds ready_within{15};
constexpr std::chrono::milliseconds pause{20};

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

bool leads(node& n, const std::string& name) {
  auto answered = std::make_shared<std::promise<node_status>>();
  auto future = answered->get_future();
  n.status([answered](node_status s) { answered->set_value(std::move(s)); });
  for (const auto& g : future.get().groups) {
    if (g.name == name) return g.core.soft.role == raft::role::leader;
  }
  return false;
}

}  // namespace

raft::expected<std::unique_ptr<local_cluster>, std::string> local_cluster::start(
    const std::string& directory) {
  auto path = directory + "/troupe-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return raft::unexpected("cannot make a directory below " + directory);
  }
  std::unique_ptr<local_cluster> cluster(new local_cluster(path));
  std::uint64_t number = 0;
  for (const auto& address : free_addresses(3)) {
    cluster->members_[raft::node_id{++number}] = address;
  }
  for (const auto& [id, address] : cluster->members_) {
    if (auto failed = cluster->open(id); !failed.empty()) return raft::unexpected(failed);
  }
  const auto end = std::chrono::steady_clock::now() + ready_within;
  for (auto& [id, n] : cluster->nodes_) {
    while (!is_ready(*n)) {
      if (std::chrono::steady_clock::now() > end) {
        return raft::unexpected("node " + to_string(id) + " does not become ready");
      }
      std::this_thread::sleep_for(pause);
    }
  }
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

group local_cluster::leading_group() {
  const std::string name(processors::key_value::group_name);
  for (auto& [id, n] : nodes_) {
    if (leads(*n, name)) return n->group(name);
  }
  return nodes_.begin()->second->group(name);
}

std::string local_cluster::open(raft::node_id id) {
  node_options o;
  o.id = id;
  o.members = members_;
  o.data_directory = root_ + "/" + to_string(id);
  auto opened = node::open(o);
  if (!opened) return opened.error().setting + ": " + opened.error().message;
  nodes_[id] = std::move(*opened);
  return nodes_[id]->add(std::make_shared<processors::key_value>()).message;
}

}  // namespace troupe::bench

// cluster_fixture: real nodes in one process, on loopback ports and temporary directories, and a
// counting processor. Waits for conditions, never for time.
#pragma once

#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "groups/node.hpp"
#include "groups/node_internals.hpp"

namespace troupe::testing {

/// Adds the number in each command; "fail" throws, "no" is refused, a query gives the sum.
class counter : public processor {
 public:
  explicit counter(std::string name = "counter") : name_(std::move(name)) {}
  [[nodiscard]] std::string group() const override { return name_; }

  reply apply(const command& c, persistence::state_batch& batch) override {
    const std::string text(c.data.view());
    batch.put("last", text);
    if (text == "fail") throw std::runtime_error("told to fail");
    if (text == "no") return reply::refused("told to refuse");
    const auto sum = std::stoll(batch.get("sum").value_or("0")) + std::stoll(text);
    batch.put("sum", std::to_string(sum));
    return reply::ok(std::to_string(sum));
  }
  [[nodiscard]] reply query(std::string_view, const persistence::state_view& view) const override {
    return reply::ok(view.get("sum").value_or("0"));
  }

 private:
  std::string name_;
};

/// Below the range that outgoing connections take theirs from, and in a block of this process's
/// own: tests run side by side, and a node that is started again must find its port free.
inline std::uint16_t free_port() {
  constexpr int first = 10240;
  constexpr int blocks = 1200;
  constexpr int block_ports = 8;
  static int turn = 0;
  const int block = first + static_cast<int>(getpid()) * 97 % blocks * block_ports;
  boost::asio::io_context io;
  for (int tried = 0; tried < block_ports; ++tried) {
    const auto port = static_cast<std::uint16_t>(block + turn++ % block_ports);
    boost::asio::ip::tcp::acceptor a(io);
    boost::system::error_code taken;
    a.open(boost::asio::ip::tcp::v4());
    a.set_option(boost::asio::ip::tcp::acceptor::reuse_address(true));
    a.bind({boost::asio::ip::make_address("127.0.0.1"), port}, taken);
    if (!taken) return port;
  }
  throw std::runtime_error("no free port in this process's block");
}

/// True as soon as `holds()` is; false when it did not become so within `limit`.
template <class Condition>
bool eventually(Condition&& holds, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

class cluster {
 public:
  using tuning = std::function<void(node_options&)>;
  explicit cluster(std::size_t size, std::vector<std::string> groups = {"counter"},
                   tuning tune = {})
      : groups_(std::move(groups)), tune_(std::move(tune)) {
    char path[] = "/tmp/troupe-cluster-XXXXXX";
    root_ = mkdtemp(path);
    for (std::size_t i = 1; i <= size; ++i) {
      members_[raft::node_id{i}] = "127.0.0.1:" + std::to_string(free_port());
    }
    founders_ = size;
    for (const auto& [id, address] : members_) start(id);
  }
  /// A node that waits to be added.
  raft::node_id start_another() {
    const raft::node_id id{members_.rbegin()->first.value() + 1};
    members_[id] = "127.0.0.1:" + std::to_string(free_port());
    start(id);
    return id;
  }
  /// As if its disk had been replaced.
  void wipe(raft::node_id id) { std::filesystem::remove_all(root_ + "/" + to_string(id)); }
  ~cluster() {
    nodes_.clear();
    std::filesystem::remove_all(root_);
  }

  void start(raft::node_id id) {
    node_options o;
    o.id = id;
    o.members = members_;
    o.data_directory = root_ + "/" + to_string(id);
    o.election_timeout = std::chrono::milliseconds(300);
    o.heartbeat = std::chrono::milliseconds(30);
    o.threads = 2;
    o.join = id.value() > founders_;
    if (tune_) tune_(o);
    auto opened = node::open(o);
    if (!opened) FAIL(opened.error().setting << ": " << opened.error().message);
    nodes_[id] = std::move(*opened);
    for (const auto& g : groups_) {
      const auto added = nodes_[id]->add(std::make_shared<counter>(g));
      REQUIRE(added.code == error_code::ok);
    }
  }
  void stop(raft::node_id id) { nodes_.erase(id); }

  [[nodiscard]] node& at(std::uint64_t id) { return *nodes_.at(raft::node_id{id}); }
  [[nodiscard]] const std::map<raft::node_id, std::string>& members() const { return members_; }
  [[nodiscard]] std::map<raft::node_id, std::unique_ptr<node>>& nodes() { return nodes_; }

  static node_status status_of(node& n) {
    auto answered = std::make_shared<std::promise<node_status>>();
    auto future = answered->get_future();
    n.status([answered](node_status s) { answered->set_value(std::move(s)); });
    return future.get();
  }
  static group_status group_of(node& n, const std::string& name = "counter") {
    for (auto& g : status_of(n).groups) {
      if (g.name == name) return g;
    }
    return {};
  }

  /// The node that leads `name` according to itself; none while there is no such node.
  raft::node_id leader(const std::string& name = "counter") {
    for (auto& [id, n] : nodes_) {
      if (group_of(*n, name).core.soft.role == raft::role::leader) return id;
    }
    return {};
  }
  raft::node_id await_leader(const std::string& name = "counter") {
    raft::node_id found;
    REQUIRE(eventually([&] { return !(found = leader(name)).is_none(); }));
    return found;
  }
  raft::node_id a_follower(const std::string& name = "counter") {
    const auto l = await_leader(name);
    for (auto& [id, n] : nodes_) {
      if (id != l) return id;
    }
    return {};
  }

 private:
  std::string root_;
  std::vector<std::string> groups_;
  tuning tune_;
  std::uint64_t founders_ = 0;
  std::map<raft::node_id, std::string> members_;
  std::map<raft::node_id, std::unique_ptr<node>> nodes_;
};

inline std::string text_of(const result& r) {
  if (r) return std::string(r->data.view());
  return "error " + std::string(name_of(r.error().code)) + ": " + r.error().message;
}

}  // namespace troupe::testing

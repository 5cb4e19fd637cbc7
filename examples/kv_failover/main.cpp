// Three nodes as three processes. Writes through a client, kills the process that leads with
// SIGKILL, goes on writing, measures the gap, starts the process again, and asks each node by
// itself whether every acknowledged write is there.
//
//   kv_failover [writes]
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>
#include <troupe/groups/client.hpp>
#include <troupe/processors/key_value.hpp>
#include <vector>

#include "node_process.hpp"

namespace kv = troupe::processors::kv;
using std::chrono::milliseconds;
using clock_type = std::chrono::steady_clock;

namespace {

constexpr int nodes_count = 3;

std::vector<std::string> free_addresses() {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  std::vector<std::string> found;
  // Below the range that outgoing connections take theirs from: a node that was killed must find
  // its port free when it starts again.
  for (int port = 20000 + getpid() % 10000; found.size() < nodes_count; ++port) {
    tcp::acceptor probe(io, tcp::v4());
    boost::system::error_code taken;
    probe.bind({boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)},
               taken);
    if (!taken) found.push_back("127.0.0.1:" + std::to_string(port));
  }
  return found;
}

milliseconds since(clock_type::time_point start) {
  return std::chrono::duration_cast<milliseconds>(clock_type::now() - start);
}

std::string key_of(int i) {
  return "key-" + std::to_string(i);
}
std::string value_of(int i) {
  return "value-" + std::to_string(i);
}

std::unique_ptr<troupe::client> connect(std::vector<std::string> endpoints) {
  troupe::client_options options;
  options.endpoints = std::move(endpoints);
  auto connected = troupe::client::connect(options);
  if (connected) return std::move(*connected);
  std::cerr << connected.error().message << "\n";
  std::exit(1);
}

/// Puts keys one after the other and remembers the longest wait between two acknowledgements.
class writer {
 public:
  explicit writer(const troupe::group& to) : to_(to) {}

  /// False when a key is not acknowledged within 20 s.
  bool write_until(int end) {
    for (; acknowledged_ < end; ++acknowledged_) {
      if (!put(acknowledged_)) return false;
      longest_ = std::max(longest_, since(last_));
      last_ = clock_type::now();
    }
    return true;
  }
  void begin_measuring() {
    last_ = clock_type::now();
    longest_ = {};
  }
  [[nodiscard]] milliseconds longest() const { return longest_; }
  [[nodiscard]] int acknowledged() const { return acknowledged_; }

 private:
  // A put may be repeated: whether an unanswered one happened does not matter, it says the same.
  bool put(int i) {
    const auto start = clock_type::now();
    while (since(start) < milliseconds(20'000)) {
      troupe::propose_options options;
      options.timeout = milliseconds(2'000);
      auto answered = std::make_shared<std::promise<troupe::result>>();
      to_.propose(troupe::raft::bytes(kv::encode(kv::put{key_of(i), value_of(i), {}})), options,
                  [answered](troupe::result r) { answered->set_value(std::move(r)); });
      if (answered->get_future().get()) return true;
    }
    return false;
  }

  troupe::group to_;
  int acknowledged_ = 0;
  clock_type::time_point last_ = clock_type::now();
  milliseconds longest_{};
};

/// The node that began to lead in the highest term; -1 when none did within 20 s.
int find_leader(std::vector<std::unique_ptr<node_process>>& nodes) {
  const auto start = clock_type::now();
  while (since(start) < milliseconds(20'000)) {
    int found = -1;
    std::uint64_t highest = 0;
    for (int i = 0; i < nodes_count; ++i) {
      const auto term = nodes[static_cast<std::size_t>(i)]->led_term();
      if (term > highest) highest = term, found = i;
    }
    if (found >= 0) return found;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return -1;
}

/// What one node holds itself, without asking the leader.
bool holds(const troupe::group& at, int i) {
  troupe::query_options own;
  own.consistency = troupe::consistency::local;
  const auto answered = at.query(kv::encode(kv::get{key_of(i)}), own).get();
  if (!answered) return false;
  const auto found = kv::decode_get_reply(answered->data.view());
  return found && found->found && found->value == value_of(i);
}

/// Waits until the node has caught up with the last write, then looks for each. Returns how many of
/// the `count` writes are missing.
int missing_at(const std::string& address, int count) {
  const auto asker = connect({address});
  const auto group = asker->group("kv");
  const auto start = clock_type::now();
  while (!holds(group, count - 1) && since(start) < milliseconds(20'000)) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  int missing = 0;
  for (int i = 0; i < count; ++i) missing += holds(group, i) ? 0 : 1;
  return missing;
}

int fail(const std::string& why) {
  std::cerr << why << "\n";
  return 1;
}

int verify(const std::vector<std::string>& addresses, int count) {
  int missing = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const int here = missing_at(addresses[i], count);
    std::cout << "node " << i + 1 << " holds " << count - here << " of " << count << "\n";
    missing += here;
  }
  if (missing > 0) return fail("acknowledged writes are missing");
  std::cout << "nothing was lost\n";
  return 0;
}

int run(int writes, const std::string& data) {
  const auto addresses = free_addresses();
  std::string members;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    members += (i == 0 ? "" : ",") + std::to_string(i + 1) + "=" + addresses[i];
  }
  std::vector<std::unique_ptr<node_process>> nodes;
  const auto start_node = [&](int i) {
    return std::make_unique<node_process>(troupe::raft::node_id(static_cast<std::uint64_t>(i) + 1),
                                          members, data);
  };
  for (int i = 0; i < nodes_count; ++i) nodes.push_back(start_node(i));
  const auto client = connect(addresses);
  writer w(client->group("kv"));

  if (!w.write_until(writes / 2)) return fail("no writes");
  std::cout << w.acknowledged() << " writes acknowledged\n";

  const int leader = find_leader(nodes);
  if (leader < 0) return fail("no leader");
  nodes[static_cast<std::size_t>(leader)]->kill();
  std::cout << "killed node " << leader + 1 << ", the leader\n";
  w.begin_measuring();
  if (!w.write_until(writes)) return fail("no writes after the leader was killed");
  std::cout << w.acknowledged() << " writes acknowledged; the longest wait was "
            << w.longest().count() << " ms\n";

  nodes[static_cast<std::size_t>(leader)] = start_node(leader);
  if (!w.write_until(writes + 100)) return fail("no writes after the restart");
  std::cout << "started node " << leader + 1 << " again, " << w.acknowledged()
            << " writes acknowledged\n";
  return verify(addresses, w.acknowledged());
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  if (argc == 5 && std::string(argv[1]) == "--node") {
    return run_node(troupe::raft::node_id(std::stoull(argv[2])), argv[3], argv[4]);
  }
  char scratch[] = "/tmp/troupe-failover-XXXXXX";
  const std::string data = mkdtemp(scratch);
  const int code = run(argc > 1 ? std::stoi(argv[1]) : 1000, data);
  std::filesystem::remove_all(data);
  return code;
}

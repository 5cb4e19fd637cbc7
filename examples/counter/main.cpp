// Starts one node, or three in this process, and counts.
//
//   counter                one node, data in a temporary directory
//   counter 3              three nodes
//   counter 3 /tmp/count   data that the next start finds again
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <troupe/groups/node.hpp>
#include <vector>

#include "counter.hpp"

namespace {

std::string free_address() {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::acceptor probe(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  return "127.0.0.1:" + std::to_string(probe.local_endpoint().port());
}

std::unique_ptr<troupe::node> start(troupe::raft::node_id id, const std::string& data,
                                    const std::map<troupe::raft::node_id, std::string>& members) {
  troupe::node_options options;
  options.id = id;
  options.members = members;
  options.data_directory = data + "/" + to_string(id);
  auto opened = troupe::node::open(options);
  if (!opened) {
    std::cerr << opened.error().setting << ": " << opened.error().message << "\n";
    std::exit(1);
  }
  const auto added = (*opened)->add(std::make_shared<counter>());
  if (added.code != troupe::error_code::ok) {
    std::cerr << added.message << "\n";
    std::exit(1);
  }
  return std::move(*opened);
}

bool show(const std::string& what, const troupe::result& r) {
  std::cout << what << ": " << (r ? std::string(r->data.view()) : "error: " + r.error().message)
            << "\n";
  return r.has_value();
}

// Every node takes every request: what only the leader can do is sent on to it.
bool count(const std::vector<std::unique_ptr<troupe::node>>& nodes) {
  bool well = true;
  for (const auto& n : nodes) {
    well = show("add 5", n->group("counter").propose("5").get()) && well;
  }
  for (const auto& n : nodes) {
    well = show("the sum", n->group("counter").query("").get()) && well;
  }
  // A refusal is an answer like any other; it changes nothing, on any node.
  return !show("add banana", nodes.front()->group("counter").propose("banana").get()) && well;
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  const int size = argc > 1 ? std::atoi(argv[1]) : 1;
  char scratch[] = "/tmp/troupe-counter-XXXXXX";
  const std::string data = argc > 2 ? argv[2] : mkdtemp(scratch);
  std::filesystem::create_directories(data);

  std::map<troupe::raft::node_id, std::string> members;
  for (int i = 1; i <= size; ++i) {
    members[troupe::raft::node_id(static_cast<std::uint64_t>(i))] = free_address();
  }
  std::vector<std::unique_ptr<troupe::node>> nodes;
  for (const auto& [id, address] : members) nodes.push_back(start(id, data, members));
  const bool well = !nodes.empty() && count(nodes);
  nodes.clear();
  if (argc <= 2) std::filesystem::remove_all(data);
  return well ? 0 : 1;
}

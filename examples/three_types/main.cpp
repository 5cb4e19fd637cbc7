// Three types of data as three Raft groups on three nodes, with the processors that come with
// Troupe: a map from keys to values, lists of strings, and the instances of services.
//
//   three_types
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <troupe/groups/node.hpp>
#include <troupe/processors/key_value.hpp>
#include <troupe/processors/persistent_instances.hpp>
#include <troupe/processors/string_list.hpp>
#include <vector>

namespace kv = troupe::processors::kv;
namespace strings = troupe::processors::strings;
namespace naming = troupe::processors::naming;

namespace {

[[noreturn]] void fail(const std::string& why) {
  std::cerr << why << "\n";
  std::exit(1);
}

std::string free_address() {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::acceptor probe(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  return "127.0.0.1:" + std::to_string(probe.local_endpoint().port());
}

// One call a type: the group exists on this node from then on.
void add_types(troupe::node& n) {
  const std::shared_ptr<troupe::processor> types[] = {
      std::make_shared<troupe::processors::key_value>(),
      std::make_shared<troupe::processors::string_list>(),
      std::make_shared<troupe::processors::persistent_instances>()};
  for (const auto& t : types) {
    if (const auto e = n.add(t); e.code != troupe::error_code::ok) fail(e.message);
  }
}

std::vector<std::unique_ptr<troupe::node>> start_three(const std::string& data) {
  troupe::node_options options;
  for (std::uint64_t i = 1; i <= 3; ++i) options.members[troupe::raft::node_id(i)] = free_address();
  std::vector<std::unique_ptr<troupe::node>> nodes;
  for (const auto& [id, address] : options.members) {
    options.id = id;
    options.data_directory = data + "/" + to_string(id);
    auto opened = troupe::node::open(options);
    if (!opened) fail(opened.error().setting + ": " + opened.error().message);
    add_types(**opened);
    nodes.push_back(std::move(*opened));
  }
  return nodes;
}

std::string answer(const troupe::result& r) {
  if (!r) fail(std::string(name_of(r.error().code)) + ": " + r.error().message);
  return std::string(r->data.view());
}

std::string propose(troupe::node& at, std::string_view group, std::string command) {
  return answer(at.group(std::string(group)).propose(std::move(command)).get());
}

std::string query(troupe::node& at, std::string_view group, std::string request) {
  return answer(at.group(std::string(group)).query(std::move(request)).get());
}

// ---- the three types: written through one node, read through all
// -----------------------------------

bool use_key_value(std::vector<std::unique_ptr<troupe::node>>& nodes) {
  constexpr auto group = troupe::processors::key_value::group_name;
  propose(*nodes[0], group, kv::encode(kv::put{"greeting", "hello", {}}));
  bool same = true;
  for (auto& n : nodes) {
    const auto bytes = query(*n, group, kv::encode(kv::get{"greeting"}));
    const auto found = kv::decode_get_reply(bytes);
    std::cout << "key-value    greeting = " << found->value << "\n";
    same = same && found->value == "hello";
  }
  return same;
}

bool use_strings(std::vector<std::unique_ptr<troupe::node>>& nodes) {
  constexpr auto group = troupe::processors::string_list::group_name;
  propose(*nodes[1], group, strings::encode(strings::push_back{"colours", {"red", "green"}}));
  bool same = true;
  for (auto& n : nodes) {
    const auto bytes = query(*n, group, strings::encode(strings::range{"colours", 0, 10}));
    const auto found = strings::decode_range_reply(bytes);
    std::cout << "strings      colours =";
    for (const auto& e : found->elements) std::cout << " " << e;
    std::cout << "\n";
    same = same && found->length == 2;
  }
  return same;
}

bool use_instances(std::vector<std::unique_ptr<troupe::node>>& nodes) {
  constexpr auto group = troupe::processors::persistent_instances::group_name;
  naming::command c;
  c.verb = naming::verb_add;
  c.service = {"public", "DEFAULT_GROUP", "orders"};
  c.instance.ip = "10.0.0.1";
  c.instance.port = 8080;
  // Apply has no clock: whoever proposes stamps the time into the command.
  c.stamp = {1'700'000'000'000, 1, troupe::raft::node_id(3)};
  propose(*nodes[2], group, naming::encode(c));
  bool same = true;
  for (auto& n : nodes) {
    const auto bytes = query(*n, group, naming::encode(naming::list_instances{c.service, {}}));
    const auto found = naming::decode_instances_reply(bytes);
    for (const auto& i : found->instances) {
      std::cout << "instances    orders at " << i.ip << ":" << i.port << "\n";
    }
    same = same && found->instances.size() == 1;
  }
  return same;
}

}  // namespace

int main() {
  spdlog::set_level(spdlog::level::warn);
  char scratch[] = "/tmp/troupe-types-XXXXXX";
  const std::string data = mkdtemp(scratch);
  auto nodes = start_three(data);
  const bool well = use_key_value(nodes) && use_strings(nodes) && use_instances(nodes);
  nodes.clear();
  std::filesystem::remove_all(data);
  std::cout << (well ? "every node gave the same answers\n" : "the nodes disagree\n");
  return well ? 0 : 1;
}

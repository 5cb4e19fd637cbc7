#include "bench/bench_node.hpp"

#include <future>
#include <nlohmann/json.hpp>

#include "bench/named_key_value.hpp"

namespace troupe::bench {

std::string load_group_name(std::size_t number) {
  return "load-" + std::to_string(number);
}

raft::expected<std::unique_ptr<bench_node>, std::string> bench_node::start(node_options options,
                                                                           std::size_t groups) {
  auto opened = node::open(std::move(options));
  if (!opened) return raft::unexpected(opened.error().setting + ": " + opened.error().message);
  std::unique_ptr<bench_node> started(new bench_node(std::move(*opened)));
  for (std::size_t i = 0; i < groups; ++i) {
    const auto added = started->node_->add(std::make_shared<named_key_value>(load_group_name(i)));
    if (added.code != error_code::ok) return raft::unexpected(added.message);
  }
  return started;
}

bool bench_node::is_ready() {
  const auto answered = std::make_shared<std::promise<bool>>();
  auto ready = answered->get_future();
  node_->readiness([answered](const auto& reasons) { answered->set_value(reasons.empty()); });
  return ready.get();
}

groups_summary bench_node::summary() {
  const auto answered = std::make_shared<std::promise<node_status>>();
  auto status = answered->get_future();
  node_->status([answered](node_status s) { answered->set_value(std::move(s)); });
  groups_summary found;
  for (const auto& g : status.get().groups) {
    ++found.groups;
    if (g.core.soft.role == raft::role::leader) ++found.leading;
    if (g.core.soft.leader.is_none()) ++found.without_leader;
    if (g.core.quiesced) ++found.quiesced;
    found.terms += g.core.soft.term.value();
  }
  return found;
}

void bench_node::stop() {
  node_->hand_over_leadership();
  node_->stop();
}

std::string as_json(const groups_summary& s) {
  return nlohmann::json{{"groups", s.groups},
                        {"leading", s.leading},
                        {"without_leader", s.without_leader},
                        {"quiesced", s.quiesced},
                        {"terms", s.terms}}
      .dump();
}

}  // namespace troupe::bench

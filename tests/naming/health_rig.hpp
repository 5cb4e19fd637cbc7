// health_rig: the health checker among a real catalogue, a prober that answers as it is told and a
// group that commits or does not; in virtual time.
#pragma once

#include <map>

#include "naming/health_checker.hpp"
#include "naming/messages.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace troupe::testing {

using namespace naming;
namespace told = processors::naming;

inline const service_key orders{"public", "g", "orders"};

/// Answers at once, unless it is to keep silent.
class scripted_prober final : public prober {
 public:
  void probe(const probe_target& target, std::function<void(probe_outcome)> done) override {
    ++probes[target.label()];
    open_max = std::max(open_max, held.size() + 1);
    if (silent) return held.push_back(std::move(done));
    done(outcome_of(target));
  }
  void answer_held(probe_verdict v) {
    for (auto& done : std::exchange(held, {})) done({v, probe_time{1}, "late"});
  }

  std::map<std::string, probe_verdict> verdicts;  ///< by label; else `otherwise`
  probe_verdict otherwise = probe_verdict::success;
  bool silent = false;
  std::map<std::string, std::size_t> probes;
  std::vector<std::function<void(probe_outcome)>> held;
  std::size_t open_max = 0;

 private:
  [[nodiscard]] probe_outcome outcome_of(const probe_target& target) const {
    const auto found = verdicts.find(target.label());
    const auto v = found == verdicts.end() ? otherwise : found->second;
    return {v, probe_time{1}, v == probe_verdict::success ? "" : "connection refused"};
  }
};

struct health_rig {
  test_system t{[](caf::actor_system_config& c) {
    c.add_message_types<caf::id_block::troupe_groups>();
    c.add_message_types<caf::id_block::troupe_naming>();
  }};
  std::shared_ptr<catalogue> services = std::make_shared<catalogue>();
  std::shared_ptr<scripted_prober> probes = std::make_shared<scripted_prober>();
  std::vector<std::vector<health_flip>> entries;  ///< as they were proposed
  bool commits = true;
  std::optional<completion> unanswered;  ///< of the last one, while `answers` is false
  bool answers = true;
  std::optional<health_checker> checker;

  explicit health_rig(const std::function<void(health_checker_options&)>& change = {}) {
    health_checker_options o;
    o.services = services;
    o.probes = probes;
    o.propose = [this](const auto& flips, completion done) { propose(flips, std::move(done)); };
    if (change) change(o);
    checker.emplace(*t.system, o);
    services->instances_begin();
    services->settings_begin();
    services->overlays_begin();
  }
  ~health_rig() { checker->stop(); }

  /// What was put before is all there is.
  void load() {
    services->instances_loaded();
    services->settings_loaded();
    services->overlays_loaded();
    services->committed();
  }
  void lead(bool leads = true) { services->leading(leads); }
  void put(const std::string& ip, std::uint16_t port = 80, bool healthy = true,
           const service_key& key = orders) {
    services->service_put(key.view(), {});
    told::instance i;
    i.ip = ip;
    i.port = port;
    i.healthy = healthy;
    services->instance_put(key.view(), i);
    services->committed();
  }
  void set_checker(const std::string& type) {
    told::service_settings s;
    s.clusters["DEFAULT"].checker.type = type;
    services->settings_put(orders.view(), s);
    services->committed();
  }
  [[nodiscard]] std::map<std::string, bool> health(const service_key& key = orders) const {
    std::map<std::string, bool> out;
    if (const auto s = services->find(key)) {
      for (const auto& h : s->hosts) out[h->client()] = h->healthy;
    }
    return out;
  }
  [[nodiscard]] bool is_healthy(const std::string& client) const { return health().at(client); }
  [[nodiscard]] std::size_t probes_made() const {
    std::size_t n = 0;
    for (const auto& [label, times] : probes->probes) n += times;
    return n;
  }
  [[nodiscard]] std::size_t flips_proposed() const {
    std::size_t n = 0;
    for (const auto& e : entries) n += e.size();
    return n;
  }

 private:
  void propose(const std::vector<health_flip>& flips, completion done) {
    entries.push_back(flips);
    if (!answers) {
      unanswered = std::move(done);
      return;
    }
    if (!commits) return done(raft::unexpected(error{error_code::no_leader, "no leader", {}}));
    for (const auto& f : flips) {
      told::instance i;
      i.ip = f.ip;
      i.port = f.port;
      i.healthy = f.healthy;
      services->instance_put(f.service.view(), i);
    }
    services->committed();
    done(response{});
  }
};

}  // namespace troupe::testing

// recorded_naming: an observer of the naming groups that notes each call as a line, and keeps what
// it was told the way a node's view does.
#pragma once

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "processors/naming_observer.hpp"

namespace troupe::test {

class recorded_naming final : public processors::naming::naming_observer {
 public:
  using service = processors::naming::service;

  /// What was told since the last call.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }
  /// Everything that stands, by what it is.
  [[nodiscard]] const std::map<std::string, std::string>& standing() const { return standing_; }

  void instances_begin() override { begin("instances", {"service", "instance"}); }
  void service_put(const service& s, const processors::naming::service_record& r) override {
    std::ostringstream out;
    out << r.instances << " at " << r.changed_ms << (r.created_by_user ? " by a user" : "");
    put("service " + name(s), out.str());
  }
  void service_erased(const service& s) override { erase("service " + name(s)); }
  void instance_put(const service& s, const processors::naming::instance& i) override {
    std::ostringstream out;
    out << i.cluster << (i.healthy ? " healthy" : " unhealthy") << " weight " << i.weight;
    if (i.health_since_ms > 0) out << " since " << i.health_since_ms << ": " << i.health_reason;
    put("instance " + name(s) + " " + processors::naming::client_id(i.ip, i.port), out.str());
  }
  void instance_erased(const service& s, std::string_view client) override {
    erase("instance " + name(s) + " " + std::string(client));
  }
  void instances_loaded() override { note("instances loaded"); }
  void leading(bool leads) override { note(leads ? "leading" : "not leading"); }

  void settings_begin() override { begin("settings", {"settings"}); }
  void settings_put(const service& s, const processors::naming::service_settings& o) override {
    std::ostringstream out;
    out << "threshold " << o.protect_threshold;
    for (const auto& [cluster, c] : o.clusters) out << ", " << cluster << " " << c.checker.type;
    put("settings " + name(s), out.str());
  }
  void settings_erased(const service& s) override { erase("settings " + name(s)); }
  void settings_loaded() override { note("settings loaded"); }

  void overlays_begin() override { begin("overlays", {"overlay"}); }
  void overlay_put(const service& s, std::string_view tag,
                   const processors::naming::instance_overlay& o) override {
    std::ostringstream out;
    out << (o.enabled ? "enabled" : "disabled") << " weight " << o.weight;
    for (const auto& [key, value] : o.metadata) out << ", " << key << "=" << value;
    put("overlay " + name(s) + " " + std::string(tag), out.str());
  }
  void overlay_erased(const service& s, std::string_view tag) override {
    erase("overlay " + name(s) + " " + std::string(tag));
  }
  void overlays_loaded() override { note("overlays loaded"); }

  void committed() override { note("committed"); }

 private:
  static std::string name(const service& s) {
    return std::string(s.namespace_id) + '/' + processors::naming::grouped_name(s);
  }
  void begin(const std::string& group, const std::vector<std::string>& kinds) {
    note(group + " begin");
    for (const auto& kind : kinds) {
      std::erase_if(standing_, [&](const auto& e) { return e.first.rfind(kind + " ", 0) == 0; });
    }
  }
  void put(const std::string& what, const std::string& is) {
    note(what + ": " + is);
    standing_[what] = is;
  }
  void erase(const std::string& what) {
    note(what + " erased");
    standing_.erase(what);
  }
  void note(std::string line) { lines_.push_back(std::move(line)); }

  std::vector<std::string> lines_;
  std::map<std::string, std::string> standing_;
};

}  // namespace troupe::test

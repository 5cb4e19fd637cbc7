// probe_book: which instances are probed, at which targets, when next, and what the probes have
// said so far: the health checker's memory, kept apart from the replicated instances (nacos-spec
// H12). Knows nothing of actors and sockets; told the time and what the services are.
//
// One entry an instance, one a target; nothing else grows. Every call costs what it touches, never
// a walk over all of them.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "naming/probe_policy.hpp"

namespace troupe::naming {

/// A change of an instance's health that is to be committed.
struct health_flip {
  service_key service;
  std::string ip;
  std::uint16_t port = 0;
  std::string cluster;
  bool healthy = false;
  std::string reason;  ///< "TCP 10.0.0.1:8080: connection refused"
  friend bool operator==(const health_flip&, const health_flip&) = default;
};

class probe_book {
 public:
  using id = std::uint64_t;  ///< of a target; never given twice
  using time_point = std::chrono::steady_clock::time_point;

  /// `seed` spreads the first probes.
  explicit probe_book(std::uint64_t seed) : chance_(seed) {}

  /// True when every service is to be shown again, because others are probed now.
  bool use(const probe_switches& switches);
  [[nodiscard]] const probe_switches& switches() const { return switches_; }

  /// What the service is now; null when it is gone.
  void see(const service_key& key, const service_ptr& now_is, time_point now);
  /// Forgets everything but the switches.
  void clear();

  [[nodiscard]] std::optional<time_point> next_deadline() const;
  struct due_target {
    id who = 0;
    std::string host;
  };
  /// The targets that are due, the earliest first, at most `most`. They rest until finish().
  std::vector<due_target> take_due(time_point now, std::size_t most);
  /// Null when nothing is behind it any more.
  [[nodiscard]] const probe_target* find(id who) const;
  /// Counts what a probe said for every instance behind the target, and plans the next one. What is
  /// to be committed; an instance is not named again before flip_answered().
  std::vector<health_flip> finish(id who, const probe_outcome& outcome, time_point now);
  /// Committed or not: what the next probes say is wanted again. The counters stay as they are
  /// until the change is seen (H12, C.13.3).
  void flip_answered(const health_flip& f);

  [[nodiscard]] std::size_t instances() const { return instances_; }
  [[nodiscard]] std::size_t targets() const { return targets_.size(); }

 private:
  struct watched;
  struct probed {
    host_ptr shown;
    const service_key* service = nullptr;
    std::pair<const probe_target, watched>* target = nullptr;
    probe_state state;
    bool flip_asked = false;
    std::uint64_t seen = 0;
  };
  struct watched {
    watched(id me, probe_time first) : who(me), pace(first) {}
    id who;
    probe_pace pace;
    std::optional<time_point> deadline;  ///< none while it is due or being probed
    std::vector<probed*> behind;
  };
  using target_map = std::unordered_map<probe_target, watched, probe_target_hash>;
  struct known_service {
    std::map<std::string, probed, std::less<>> probed_by_client;
    /// By what it was decided how they are probed.
    std::shared_ptr<const processors::naming::service_settings> settings;
    std::uint64_t switched = 0;
  };

  void attach(probed& p, probe_target wanted, time_point now);
  void detach(probed& p);
  void keep(known_service& known, const service& s, const host_ptr& h, time_point now);
  probe_time first_pause();
  std::optional<health_flip> count(probed& p, const probe_outcome& outcome);

  probe_switches switches_;
  std::mt19937_64 chance_;
  std::uint64_t switched_ = 1;                     ///< rises with each change of `switches_`
  std::map<service_key, known_service> services_;  ///< with any instance that is probed
  std::size_t instances_ = 0;
  target_map targets_;
  std::unordered_map<id, target_map::value_type*> by_id_;
  std::set<std::pair<time_point, id>> deadlines_;
  id next_id_ = 1;
  std::uint64_t seen_ = 0;
};

}  // namespace troupe::naming

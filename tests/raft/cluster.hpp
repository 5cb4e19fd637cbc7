// cluster: hosts and the wire between them. Nothing travels unless a test delivers it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "host.hpp"

namespace troupe::raft::testing {

class cluster {
 public:
  /// Members 1 … n, all voters.
  explicit cluster(std::uint64_t n, const tuning& tune = {});
  void add(std::uint64_t id, core_options options, disk held);

  host& operator[](std::uint64_t id) { return *hosts_.at(id); }
  [[nodiscard]] const std::map<std::uint64_t, std::unique_ptr<host>>& hosts() const {
    return hosts_;
  }

  /// Runs all hosts and delivers between those that reach each other until all is quiet.
  void settle();
  /// Moves what the hosts have sent onto the wire, where cut links lose it.
  void collect();
  /// Delivers what is on the wire now, in order.
  void deliver();
  /// `count` ticks for all, one by one, settling between them.
  void tick(std::uint32_t count = 1);

  /// Nothing passes between `id` and any other any more.
  void isolate(std::uint64_t id) { cut_.insert(id); }
  void heal() { cut_.clear(); }
  /// Messages for which this is true are lost.
  std::function<bool(const message&)> loses;

  /// `id` campaigns and everything settles; it leads afterwards.
  void elect(std::uint64_t id);
  std::optional<refusal> propose(std::uint64_t id, std::string data);
  /// The member that leads in the highest term; 0 when none.
  [[nodiscard]] std::uint64_t leader() const;

  std::vector<message> wire;

 private:
  std::map<std::uint64_t, std::unique_ptr<host>> hosts_;
  std::set<std::uint64_t> cut_;
};

}  // namespace troupe::raft::testing

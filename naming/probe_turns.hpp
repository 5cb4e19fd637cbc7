// probe_turns: whose turn it is to be probed, when more is due than may be under way. Hosts take
// turns, so that one with many dead ports does not hold up the others. Knows nothing of time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace troupe::naming {

class probe_turns {
 public:
  using id = std::uint64_t;

  probe_turns(std::size_t open_max, std::size_t open_per_host_max)
      : open_max_(open_max), open_per_host_max_(open_per_host_max) {}

  /// `who`, at `host`, is due; it waits for its turn. Each is due at most once at a time.
  void due(id who, const std::string& host);
  struct turn {
    id who = 0;
    std::string host;
  };
  /// Who begins now; nothing when nobody is due, or as much is under way as may be.
  std::optional<turn> next();
  /// Somebody at `host` whom next() gave out is done.
  void done(const std::string& host);
  /// Nobody is due any more; who is under way still is.
  void forget_due();

  [[nodiscard]] std::size_t open() const { return open_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t hosts() const { return hosts_.size(); }

 private:
  struct host_turn {
    std::deque<id> due;
    std::size_t open = 0;
    bool in_line = false;
  };

  std::size_t open_max_;
  std::size_t open_per_host_max_;
  std::size_t open_ = 0;
  std::size_t waiting_ = 0;
  std::unordered_map<std::string, host_turn> hosts_;  ///< with anybody due or under way
  std::deque<std::string> line_;                      ///< hosts with somebody due and room for him
};

}  // namespace troupe::naming

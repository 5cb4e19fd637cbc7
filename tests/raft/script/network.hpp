// network: what travels between members and has not arrived. Nothing arrives unless it is asked
// for; what one member sends to another stays in order unless a script picks by type. Beside the
// messages of the core it carries what hosts say: proposals that a follower passes on, and the
// notices of a member's own storage.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "raft/core.hpp"

namespace troupe::raft::script {

/// A client's request that a follower's host passes on to the leader's.
struct passed_on {
  bool is_change = false;
  bytes data;
  configuration_change change;
};

/// The write was performed.
struct stored {
  write_sequence sequence;
};

/// The processor holds everything up to here.
struct processed {
  log_index index;
};

struct envelope {
  node_id from;
  node_id to;
  std::variant<message, passed_on, stored, processed> what;

  [[nodiscard]] std::string type() const;
  /// From a member's storage to itself: it cannot be lost.
  [[nodiscard]] bool is_local() const {
    return std::holds_alternative<stored>(what) || std::holds_alternative<processed>(what);
  }
};

/// Throws a script_error unless this is the name of a type.
void require_type(const std::string& name);

struct delivery {
  node_id to;
  std::string type;             ///< empty: any
  std::optional<node_id> from;  ///< none: anyone
};

class network {
 public:
  /// False when the link is cut and the envelope lost.
  bool post(envelope e);
  /// Those that fit, in order; they stay on their way when `keep`.
  std::vector<envelope> take(const delivery& d, bool keep, bool is_drop);
  [[nodiscard]] bool has_for(node_id to) const;
  /// A member crashed: what its storage had to tell it is gone.
  void forget_local(node_id of);

  void isolate(node_id id) { isolated_.insert(id); }
  void heal() { isolated_.clear(); }

 private:
  std::vector<envelope> wire_;
  std::set<node_id> isolated_;
};

}  // namespace troupe::raft::script

// processing: what passes between a group and its processor, for the class form and the actor form
// alike. Knows nothing of what commands mean.
#pragma once

#include <string>
#include <utility>

#include "codec/error.hpp"
#include "raft/bytes.hpp"
#include "raft/types.hpp"

namespace troupe {

/// What a processor may know of the member it serves. For display and for decisions outside apply
/// only: apply must give the same result on every node.
struct member_state {
  std::string group;
  raft::node_id node;
  raft::term term;  ///< none until the first leader is known
  bool is_leader = false;
  std::string leader_address = "unknown";  ///< host:port of the leader's peer address
};

/// A committed command as apply sees it: identical on every node.
struct command {
  raft::log_index index;
  raft::term term;
  raft::bytes data;
  bool in_session = false;  ///< data begins with a session header; see apply_command.hpp
};

/// The answer of a processor. `success = false` is a business refusal: it reaches the caller as
/// error_code::refused with `error` as its message, and nothing that apply wrote is kept.
struct reply {
  bool success = true;
  std::string data;
  std::string error;
  error_code code = error_code::refused;  ///< what the caller hears when it was no success
  raft::log_index index;                  ///< of an earlier entry that this is the answer of
  raft::term term;

  static reply ok(std::string data = {}) {
    reply r;
    r.data = std::move(data);
    return r;
  }
  static reply refused(std::string why) {
    reply r;
    r.success = false;
    r.error = std::move(why);
    return r;
  }
};

}  // namespace troupe

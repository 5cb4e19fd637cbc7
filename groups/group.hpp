// group: a handle to a Raft group, wherever its leader is. Cheap to copy, safe from every thread.
// Knows nothing of CAF; group_actor_handle.hpp offers the same as a typed actor.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "actors/result.hpp"
#include "codec/error.hpp"
#include "raft/bytes.hpp"
#include "raft/types.hpp"

namespace troupe {

struct propose_options {
  std::chrono::milliseconds timeout{10'000};
  /// Refuse with term_mismatch unless the leader's term is this one.
  std::optional<raft::term> expected_term;
  /// The command begins with a session header: see session.hpp, which alone sets it.
  bool in_session = false;
};

struct query_options {
  std::chrono::milliseconds timeout{5'000};
  troupe::consistency consistency = troupe::consistency::linearizable;
};

/// How requests for a group travel: inside a node, or from a client over the network.
class group_backend {
 public:
  group_backend() = default;
  group_backend(const group_backend&) = delete;
  group_backend& operator=(const group_backend&) = delete;
  virtual ~group_backend() = default;

  virtual void propose(const std::string& group, raft::bytes command,
                       const propose_options& options, completion done) = 0;
  virtual void query(const std::string& group, raft::bytes request, const query_options& options,
                     completion done) = 0;
};

class group {
 public:
  group(std::string name, std::shared_ptr<group_backend> backend)
      : name_(std::move(name)), backend_(std::move(backend)) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  /// Replicates `command` and applies it. A timeout means error_code::outcome_unknown.
  void propose(raft::bytes command, const propose_options& options, completion done) const {
    backend_->propose(name_, std::move(command), options, std::move(done));
  }
  [[nodiscard]] std::future<result> propose(std::string command,
                                            const propose_options& options = {}) const;

  /// Asks the processor; a query changes nothing, so every failure may be retried.
  void query(raft::bytes request, const query_options& options, completion done) const {
    backend_->query(name_, std::move(request), options, std::move(done));
  }
  [[nodiscard]] std::future<result> query(std::string request,
                                          const query_options& options = {}) const;

 private:
  std::string name_;
  std::shared_ptr<group_backend> backend_;
};

}  // namespace troupe

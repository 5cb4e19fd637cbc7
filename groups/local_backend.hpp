// local_backend: requests from inside a node: straight to the group's actor on this node, which
// forwards what only the leader can do. Safe from every thread. gathered_requests is the same for
// requests that came together, on one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "groups/directory.hpp"
#include "groups/group.hpp"
#include "groups/services.hpp"

namespace troupe::groups {

class local_backend : public group_backend {
 public:
  local_backend(std::shared_ptr<const node_facts> facts, std::shared_ptr<directory> groups,
                std::function<clock::time_point()> now = clock::now)
      : facts_(std::move(facts)), groups_(std::move(groups)), now_(std::move(now)) {}

  void propose(const std::string& group, raft::bytes command, const propose_options& options,
               completion done) override;
  void query(const std::string& group, raft::bytes request, const query_options& options,
             completion done) override;

  /// As propose(), for a request that another node may have forwarded: then it goes no further.
  void propose(const std::string& group, raft::bytes command, const propose_options& options,
               bool may_forward, completion done);
  void transfer(const std::string& group, const std::string& peer,
                std::chrono::milliseconds timeout, bool may_forward, completion done);
  /// Answered once the new configuration is committed.
  void change(const std::string& group, codec::membership_request wanted,
              std::chrono::milliseconds timeout, bool may_forward, completion done);

 private:
  friend class gathered_requests;

  /// The group, with room for one more request of this size; else `done` was told why not.
  group_entry_ptr admit(const std::string& group, std::size_t bytes, const completion& done) const;
  bool admit(const group_entry_ptr& entry, const std::string& group, std::size_t bytes,
             const completion& done) const;

  std::shared_ptr<const node_facts> facts_;
  std::shared_ptr<directory> groups_;
  std::function<clock::time_point()> now_;  ///< what deadlines are counted from
};

/// Each group is told of all its requests in one message: a message costs more than the request.
class gathered_requests {
 public:
  explicit gathered_requests(local_backend& backend);

  void propose(const std::string& group, raft::bytes command, const propose_options& options,
               bool may_forward, completion done);
  void query(const std::string& group, raft::bytes request, const query_options& options,
             completion done);
  /// What was gathered goes to its groups.
  void hand_over();

 private:
  struct part {
    group_entry_ptr to;
    request_batch requests;
  };

  part* admit(const std::string& group, std::size_t bytes, const completion& done);

  local_backend& backend_;
  clock::time_point now_;
  std::map<raft::group_id, part> parts_;
  part* newest_ = nullptr;
};

}  // namespace troupe::groups

// local_backend: requests from inside a node: straight to the group's actor on this node, which
// forwards what only the leader can do. Safe from every thread.
#pragma once

#include <functional>
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
  /// The group, with room for one more request of this size; else `done` was told why not.
  group_entry_ptr admit(const std::string& group, std::size_t bytes, completion& done);

  std::shared_ptr<const node_facts> facts_;
  std::shared_ptr<directory> groups_;
  std::function<clock::time_point()> now_;  ///< what deadlines are counted from
};

}  // namespace troupe::groups

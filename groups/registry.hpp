// registry: group id → group actor. Starts the groups and the actors that they share, watches all
// of them, and starts again what ended. Stands on no request's path: others read the directory.
//
//   accepts  add_group      answered with added
//            nodes_changed  links begin and move as the roster says, and end a while after
//            resolve_peer   answered with resolved_peer; unknown group, unparsable peer and
//                           unknown peer are different errors
//            restart_group  from itself, after a pause
//            group_settled  from groups that know their leader; also from itself, after a while
//   sends    load and everything else is the groups' own business
//   blocks   no
//   bound    one record for each group; at most settling_max groups start at once, the others wait
//   fails    a group that ends is started again, at once, then with a pause when it keeps ending; a
//            shared role that ends (log writer, log reader, ticker, forwarder) is replaced and
//            every group is started again from disk; if the registry ends, the node ends its
//            children and starts a new one
#pragma once

#include <functional>
#include <memory>

#include "actors/log_writer.hpp"
#include "actors/published.hpp"
#include "groups/messages.hpp"
#include "groups/query_pool.hpp"
#include "groups/services.hpp"

namespace troupe::groups {

/// Who has to end when the registry does. Written by the registry, read by the node.
class child_list {
 public:
  void add(const caf::actor& child) {
    std::lock_guard lock(guard_);
    children_.insert_or_assign(child.address(), child);
  }
  void remove(const caf::actor_addr& child) {
    std::lock_guard lock(guard_);
    children_.erase(child);
  }
  std::vector<caf::actor> take() {
    std::lock_guard lock(guard_);
    std::vector<caf::actor> all;
    for (auto& [address, child] : children_) all.push_back(child);
    children_.clear();
    return all;
  }

 private:
  std::mutex guard_;
  std::map<caf::actor_addr, caf::actor> children_;
};

struct registry_options {
  std::shared_ptr<child_list> children;
  std::shared_ptr<role_list> roles;
  std::shared_ptr<const node_facts> facts;
  std::shared_ptr<directory> groups;
  std::shared_ptr<actors::peer_links> links;
  std::shared_ptr<persistence::log_store> log;
  std::shared_ptr<persistence::state_store> states;
  std::shared_ptr<actors::writer_fence> fence;
  std::shared_ptr<query_pool> queries;
  std::shared_ptr<node_figures> figures = std::make_shared<node_figures>();
  std::string roster_path;
  std::string snapshots_path;
  std::shared_ptr<actors::published<actors::snapshot_intake_actor>> intake =
      std::make_shared<actors::published<actors::snapshot_intake_actor>>();
  std::shared_ptr<actors::published<actors::snapshotter_actor>> snapshotter =
      std::make_shared<actors::published<actors::snapshotter_actor>>();
  actors::fatal_handler fatal;
  std::function<actors::peer_link_actor(raft::node_id, const actors::ticker_actor&)> make_link;
  std::vector<group_spec> specs;  ///< of groups that exist already, when the registry is replaced
};

registry_actor spawn_registry(caf::actor_system& system, registry_options options);

/// The node that `text` names: an id in decimal, or the peer address (host:port) of a member.
resolved_peer resolve(const node_facts& facts, const directory& groups, const std::string& group,
                      const std::string& text);

}  // namespace troupe::groups

// services: what a node's groups share. A plain bundle of handles; the registry makes a new one
// when a shared actor had to be restarted.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "actors/fatal.hpp"
#include "actors/messages.hpp"
#include "actors/peer_links.hpp"
#include "actors/write_watch.hpp"
#include "groups/directory.hpp"
#include "groups/messages.hpp"
#include "groups/node_figures.hpp"
#include "groups/role_list.hpp"
#include "groups/roster.hpp"
#include "persistence/log_store.hpp"
#include "persistence/state_store.hpp"
#include "raft/core.hpp"

namespace troupe::groups {

/// What does not change while a node runs.
struct node_facts {
  raft::node_id self;
  std::string cluster;
  std::vector<raft::node_id> founders;  ///< voters of groups that begin here; empty when joining
  std::chrono::milliseconds tick{20};
  std::uint32_t election_timeout_ticks = 50;
  std::uint32_t heartbeat_ticks = 5;
  raft::core_options core;  ///< limits; what is said below goes before
  std::uint8_t election_priority = 4;
  std::uint32_t quiesce_after_ticks = 0;
  raft::read_policy reads = raft::read_policy::quorum;
  /// A disk that has been at one write for longer is stalled; 0: none ever is.
  std::chrono::milliseconds disk_stall_max{0};
  std::uint64_t seed = 1;  ///< differs between nodes and starts, so that timeouts do too
  std::uint32_t requests_max = 65536;  ///< unanswered requests a group; more are overloaded
  std::uint64_t request_bytes_max = 256U << 20U;  ///< of all of them together
  /// A group's log is cut when it has more of either; see member_snapshots.cpp.
  std::uint64_t log_entries_max = 200'000;
  std::uint64_t log_bytes_max = 256U << 20U;
  std::uint64_t log_entries_kept = 10'000;
  std::uint64_t snapshot_bytes_per_second = 64U << 20U;

  std::shared_ptr<roster> nodes;

  [[nodiscard]] std::string address_of(raft::node_id n) const { return nodes->address_of(n); }
};

struct services {
  std::shared_ptr<const node_facts> facts;
  std::shared_ptr<directory> groups;
  std::shared_ptr<actors::peer_links> links;
  std::shared_ptr<persistence::log_store> log;
  std::shared_ptr<persistence::state_store> states;
  actors::fatal_handler fatal;
  std::shared_ptr<role_list> roles;
  std::shared_ptr<node_figures> figures = std::make_shared<node_figures>();
  actors::ticker_actor ticker;
  actors::log_writer_actor log_writer;
  std::shared_ptr<const actors::write_watch> writing = std::make_shared<actors::write_watch>();
  actors::log_reader_actor log_reader;
  actors::snapshotter_actor snapshotter;
  forwarder_actor forwarder;
  registry_actor registry;
};

}  // namespace troupe::groups

// node_internals: the parts of a node, for code that works with CAF's headers: the node itself,
// actors of users, tests that end single roles.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "actors/peer_listener.hpp"
#include "groups/inbound_service.hpp"
#include "groups/node.hpp"
#include "groups/registry.hpp"
#include "persistence/data_directory.hpp"

namespace troupe {

class node::internals : public std::enable_shared_from_this<node::internals> {
 public:
  explicit internals(node_options o);
  ~internals();

  /// Empty on success.
  [[nodiscard]] std::optional<start_failure> start();
  error add(groups::group_spec spec);
  void hand_over_leadership(std::chrono::milliseconds patience);
  void stop();

  node_options options;
  std::uint64_t incarnation = 0;
  std::shared_ptr<const groups::node_facts> facts;
  std::shared_ptr<groups::directory> groups = std::make_shared<groups::directory>();
  std::shared_ptr<groups::local_backend> backend;
  std::shared_ptr<groups::query_pool> queries;
  std::shared_ptr<groups::child_list> children = std::make_shared<groups::child_list>();
  std::shared_ptr<groups::role_list> roles = std::make_shared<groups::role_list>();
  std::shared_ptr<groups::node_figures> figures = std::make_shared<groups::node_figures>();
  std::shared_ptr<actors::writer_fence> fence = std::make_shared<actors::writer_fence>();
  std::unique_ptr<actors::peer_listener> listener;
  std::shared_ptr<actors::published<actors::snapshotter_actor>> snapshotter =
      std::make_shared<actors::published<actors::snapshotter_actor>>();
  const std::size_t threads;
  boost::asio::io_context io;

  [[nodiscard]] caf::actor_system& system() { return *system_; }
  [[nodiscard]] std::optional<groups::registry_actor> registry();

 private:
  std::optional<start_failure> check();
  [[nodiscard]] std::shared_ptr<const groups::node_facts> make_facts() const;
  std::optional<start_failure> open_stores();
  std::optional<start_failure> open_roster();
  std::optional<start_failure> listen();
  void start_registry(std::vector<groups::group_spec> specs);
  void registry_ended();
  void end_registry();
  void start_io();
  void fatal(const std::string& why);
  void ask_to_hand_over(const std::shared_ptr<std::set<std::string>>& asked,
                        std::function<void(std::size_t)> done);
  actors::peer_link_actor make_link(raft::node_id peer, const actors::ticker_actor& ticker);
  void messages_lost(raft::node_id peer, std::optional<raft::group_id> group);

  std::unique_ptr<persistence::data_directory> directory_;
  std::shared_ptr<persistence::log_store> log_;
  std::shared_ptr<persistence::state_store> states_;
  std::shared_ptr<groups::roster> nodes_;
  std::shared_ptr<actors::peer_links> links_ = std::make_shared<actors::peer_links>();
  std::shared_ptr<actors::published<actors::snapshot_intake_actor>> intake_ =
      std::make_shared<actors::published<actors::snapshot_intake_actor>>();

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::vector<std::thread> io_threads_;

  std::mutex guard_;
  std::optional<groups::registry_actor> registry_;
  std::vector<groups::group_spec> specs_;
  bool stopping_ = false;
  bool stopped_ = false;
  std::once_flag fatal_once_;
};

}  // namespace troupe

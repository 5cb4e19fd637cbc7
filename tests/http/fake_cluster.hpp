// fake_cluster: a node without Raft: commands are applied in the order they come, on a foreign
// thread, by the real processors over states in memory. Failures and delays can be asked for.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "groups/cluster_view.hpp"
#include "groups/processor.hpp"
#include "http/account_table.hpp"
#include "http/config_table.hpp"
#include "http/namespace_table.hpp"
#include "http/server_directory.hpp"
#include "naming/catalogue.hpp"
#include "naming/switch_board.hpp"
#include "persistence/memory_state.hpp"

namespace troupe::test {

class fake_cluster final : public cluster_view, public std::enable_shared_from_this<fake_cluster> {
 public:
  fake_cluster();
  ~fake_cluster() override;

  [[nodiscard]] troupe::group group(const std::string& name) override;
  void status(std::function<void(node_status)> done) override;
  void transfer(const std::string& group, const std::string& peer,
                std::function<void(error)> done) override;
  void change_members(const std::string& group, codec::membership_request wanted,
                      std::function<void(error)> done) override;
  void snapshot(const std::string& group, std::function<void(error)> done) override;
  void content(const std::string& group, std::function<void(content_result)> done) override;
  void readiness(std::function<void(std::vector<std::string>)> done) override;

  /// Every request of a group fails like this until cleared.
  void fail_with(std::optional<error> e);
  /// Requests of this group wait until release(); others go on.
  void hold(const std::string& group);
  void release();
  /// Requests are forgotten: their completions are destroyed uncalled.
  void drop_requests(bool drop);

  struct asked {
    std::string group;
    bool query = false;
    std::chrono::milliseconds timeout{};
    troupe::consistency consistency = troupe::consistency::linearizable;
  };
  [[nodiscard]] asked last_asked();

  /// What the configuration group has told.
  const std::shared_ptr<http::account_table> accounts = std::make_shared<http::account_table>();
  const std::shared_ptr<http::namespace_table> namespaces =
      std::make_shared<http::namespace_table>();
  const std::shared_ptr<http::server_directory> servers =
      std::make_shared<http::server_directory>();
  const std::shared_ptr<http::config_table> configs = std::make_shared<http::config_table>();
  /// What the naming processors tell what they committed.
  const std::shared_ptr<naming::catalogue> catalogue = std::make_shared<naming::catalogue>();
  /// Turned by the group of the switches.
  const std::shared_ptr<naming::switch_board> switches = std::make_shared<naming::switch_board>();
  node_status shown;                 ///< what status() answers
  std::vector<std::string> reasons;  ///< what readiness() answers
  error transfer_error;
  std::string transferred_to;
  error change_error;
  std::vector<std::string> snapshots;  ///< groups that were asked for one
  group_content shown_content;  ///< what content() answers
  std::string changed_group;
  codec::membership_request changed;

 private:
  class backend;
  struct member {
    std::unique_ptr<processor> applier;
    persistence::memory_state state;
    std::uint64_t last = 0;
  };
  struct job {
    std::string group;
    std::function<void()> work;
  };

  void add(std::unique_ptr<processor> p);
  void enqueue(const std::string& group, std::function<void()> work);
  void run();
  void submit(asked what, raft::bytes data, completion done);
  result perform(const asked& what, const raft::bytes& data);

  std::map<std::string, member> members_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> jobs_;
  std::string held_;
  std::optional<error> failure_;
  bool drop_ = false;
  bool stopping_ = false;
  asked last_;
  /// The worker's own: set when this object ended on it.
  const std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
  std::thread worker_;
};

}  // namespace troupe::test

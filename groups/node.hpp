// node: what a user of the library starts: the stores, the actors, the port for peers and clients.
// Register processors and each has its group on every node. Knows nothing of HTTP.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "groups/cluster_view.hpp"
#include "groups/processor.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe {

struct node_options {
  raft::node_id id;
  std::string cluster = "troupe";
  std::map<raft::node_id, std::string> members;  ///< host:port for peers, this node included
  /// The cluster exists already: groups begin here without voters and wait to be added to.
  bool join = false;
  std::string listen;  ///< host:port; empty = own address in `members`
  std::string data_directory;
  std::chrono::milliseconds election_timeout{1000};
  std::chrono::milliseconds heartbeat{100};
  /// Who leads first, 1 (last) to 4: each step below 4 waits one election timeout more.
  std::uint8_t election_priority = 4;
  /// Groups that had nothing to do for so long send no heartbeats until something happens; 0:
  /// never. Links tell of nodes that end or cannot be reached, on behalf of all groups.
  std::chrono::milliseconds quiesce_after{500};
  /// A node whose log has been at one write for longer does not lead, if others can: its groups are
  /// handed over, as they would stand still. 0: it goes on leading.
  std::chrono::milliseconds disk_stall_max{1000};
  /// Reads are answered by the leader without asking the others, while its lease lasts. Relies on
  /// clocks that advance at the same rate, to within an eighth; the same on every node.
  bool lease_reads = false;
  /// Serve all sockets and run all actors; 0: half of the machine's cores.
  std::size_t threads = 0;
  std::size_t query_threads = 2;
  std::uint32_t requests_max = 65536;  ///< unanswered requests a group; more are overloaded
  /// A group's log is cut when it has more of either, down to `log_entries_kept`. A follower that
  /// is behind that gets a snapshot, at most so fast.
  std::uint64_t log_entries_max = 200'000;
  std::uint64_t log_bytes_max = 256U << 20U;
  std::uint64_t log_entries_kept = 10'000;
  std::uint64_t snapshot_bytes_per_second = 64U << 20U;
  /// Called when the node can no longer keep its promises (a failed sync). The default logs and
  /// ends the process with exit code 4.
  std::function<void(const std::string& why)> on_fatal;
};

/// Why a node could not start. `setting` is the option's name, as a flag spells it.
struct start_failure {
  std::string setting;
  std::string message;  ///< the value, what is wrong with it, and the fix
};

class node : public cluster_view {
 public:
  static raft::expected<std::unique_ptr<node>, start_failure> open(node_options options);
  /// Like stop().
  ~node() override;

  /// Creates the processor's group on this node. Errors: duplicate_group, invalid_argument.
  error add(std::shared_ptr<processor> p);

  [[nodiscard]] troupe::group group(const std::string& name) override;
  void status(std::function<void(node_status)> done) override;
  void transfer(const std::string& group, const std::string& peer,
                std::function<void(error)> done) override;
  void change_members(const std::string& group, codec::membership_request wanted,
                      std::function<void(error)> done) override;
  void snapshot(const std::string& group, std::function<void(error)> done) override;
  void content(const std::string& group, std::function<void(content_result)> done) override;
  void readiness(std::function<void(std::vector<std::string>)> done) override;

  /// Where HTTP is served, too. Runs until stop().
  [[nodiscard]] boost::asio::io_context& io();
  /// The port bound for peers and clients.
  [[nodiscard]] std::uint16_t port() const;

  /// Gives every group that this node leads to another node; returns when that is done, or after
  /// `patience`. The node goes on serving, by forwarding.
  void hand_over_leadership(std::chrono::milliseconds patience = std::chrono::milliseconds{2000});
  /// Stops everything; what waits for an answer hears one. Idempotent.
  void stop();

  /// The parts that only code with CAF's headers can use: see groups/node_internals.hpp.
  class internals;
  [[nodiscard]] internals& inside() { return *internals_; }

 private:
  explicit node(std::shared_ptr<internals> parts);
  std::shared_ptr<internals> internals_;
};

}  // namespace troupe

// roster: the other nodes as this one knows them: where they are, and which data directory they
// were first met with. Follows the address books of the groups' configurations. Readable and
// writable from every thread; never blocks. Knows nothing of links, nor of who votes where.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "codec/membership.hpp"
#include "raft/types.hpp"

namespace troupe::groups {

enum class acquaintance { welcome, unknown, wiped };

class roster {
 public:
  /// What the settings say, over what was remembered: a node that was removed stays removed.
  roster(const std::map<raft::node_id, std::string>& configured,
         const codec::known_nodes& remembered);

  /// Called after each change, without the roster's lock, by whoever made it.
  void on_change(std::function<void()> tell);

  [[nodiscard]] std::string address_of(raft::node_id n) const;
  /// Whether the node belongs to the cluster.
  [[nodiscard]] bool contains(raft::node_id n) const;
  /// All that belong, this node included.
  [[nodiscard]] std::map<raft::node_id, std::string> addresses() const;
  [[nodiscard]] codec::known_nodes remembered() const;
  /// The records of these members, as a configuration entry carries them.
  [[nodiscard]] codec::address_book book_of(const std::vector<raft::node_id>& members) const;

  /// These nodes are, or may become, members of a group.
  void learn_of(const codec::address_book& book);
  /// The members of a group as its newest committed configuration has them.
  void follow(raft::group_id group, const codec::address_book& book);
  /// A node introduced itself. An address, when it gives one, is where it is now.
  acquaintance meet(raft::node_id n, std::uint64_t birth, const std::string& address);

 private:
  /// True when that is news.
  bool learn(const codec::member_record& record);
  [[nodiscard]] bool has_group(raft::node_id n) const;
  void changed();

  mutable std::mutex guard_;
  codec::known_nodes nodes_;
  std::map<raft::group_id, std::vector<raft::node_id>> members_;
  std::function<void()> tell_;
};

}  // namespace troupe::groups

// node_process: one node as a process of its own, which is this program again. Knows nothing of
// what is written to it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <troupe/raft/types.hpp>

/// What the program does when it was started as a node: runs until its parent ends or kills it.
/// Says "T" on descriptor 3 for each term T in which it begins to lead.
int run_node(troupe::raft::node_id id, const std::string& members, const std::string& data);

class node_process {
 public:
  /// Starts the process. `members` as "1=host:port,2=host:port"; data in a directory under `data`.
  node_process(troupe::raft::node_id id, const std::string& members, const std::string& data);
  ~node_process();  ///< kills it
  node_process(const node_process&) = delete;
  node_process& operator=(const node_process&) = delete;

  /// SIGKILL, as a power switch would; returns when the process is gone.
  void kill();
  /// The newest term in which it began to lead; 0 when none.
  std::uint64_t led_term();

 private:
  pid_t pid_ = -1;
  int reports_ = -1;
  std::string line_;
  std::uint64_t led_ = 0;
};

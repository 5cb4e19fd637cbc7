// write_back: brings what groups hold to the database, all of it in few large sorted parts, on a
// thread of its own. A group's writes of one round go in one part, and the point applied with them.
// Knows nothing of what is written.
//
//   pace   a round when something is held, then a pause of fifty times what the round took, from
//          5 ms to write_back_options::pause_max: a key that is written often is written once
//   nice   10: nobody waits for a round, unless held_bytes_max is reached
//   part   a large one is a table of its own, a small one a batch, and a large one, too, while
//          RocksDB slows writers down
//   bound  held_bytes_max over all groups; beyond it commits are told to wait. From half of it on
//          there is no pause
//   fails  a failed write is the last one: what is held stays readable, commits say why
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "persistence/change_log.hpp"
#include "persistence/held_writes.hpp"
#include "persistence/status.hpp"

namespace rocksdb {
class DB;
}

namespace troupe::persistence {

struct write_back_options {
  std::uint64_t held_bytes_max = 64U << 20U;
  std::chrono::milliseconds pause_max{500};
  std::uint64_t table_bytes_min = 1U << 20U;
};

class write_back {
 public:
  write_back(std::shared_ptr<rocksdb::DB> db, const write_back_options& options);
  /// Writes what is held.
  ~write_back();
  write_back(const write_back&) = delete;
  write_back& operator=(const write_back&) = delete;

  /// Whether a group may commit now: stalled while too much is held, or the failure of a write.
  [[nodiscard]] status admits();
  /// Takes the changes over.
  void add(const std::shared_ptr<held_writes>& group, change_log& committed);
  /// What the group holds will never be needed again.
  void drop(held_writes& group);
  /// Returns when the database has what is held now; blocks.
  status write_all();

 private:
  using groups = std::vector<std::shared_ptr<held_writes>>;

  void run();
  status write(const groups& held);
  status write_part(std::vector<std::vector<change>> of_groups);
  status write_batch(const std::vector<change>& sorted);
  void pause(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::duration took);

  std::shared_ptr<rocksdb::DB> db_;
  write_back_options options_;
  std::atomic<std::uint64_t> held_bytes_ = 0;

  std::mutex mutex_;  ///< guards what follows it
  std::condition_variable wake_;
  std::condition_variable round_over_;
  groups waiting_;  ///< hold something that no round has seen
  std::uint64_t rounds_asked_ = 0;
  std::uint64_t rounds_answered_ = 0;
  bool is_pressed_ = false;  ///< the next round comes without a pause
  bool is_ending_ = false;
  status failed_;

  std::thread thread_;
};

}  // namespace troupe::persistence

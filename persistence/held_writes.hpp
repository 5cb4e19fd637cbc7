// held_writes: what one group has committed and the database does not have yet. Keys are whole keys
// of the database. Knows nothing of when they are written.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "persistence/change_log.hpp"

namespace troupe::persistence {

/// The first changes of a log; what comes behind them is not seen.
struct changes_seen {
  std::shared_ptr<const change_log> log;
  std::size_t count = 0;
};

/// Thread-safe.
class held_writes {
 public:
  /// Takes the changes over. Answers how many bytes more are held.
  std::uint64_t add(change_log& committed);

  /// What is held at this moment, newest first.
  [[nodiscard]] std::vector<changes_seen> seen() const {
    return seen([] {});
  }
  /// Calls `beside` at the same moment: between two commits, and not between a write to the
  /// database and end_writing().
  template <class Beside>
  [[nodiscard]] std::vector<changes_seen> seen(const Beside& beside) const {
    const std::lock_guard guard(mutex_);
    beside();
    return seen_now();
  }

  /// Everything that is held: it is to be written now and stays visible until end_writing(). What
  /// is added meanwhile is the next round's. nullptr when there is nothing.
  std::shared_ptr<const change_log> begin_writing();
  /// The database has what begin_writing() answered. Answers how many bytes fewer are held.
  std::uint64_t end_writing();
  /// As if nothing were held, but for what is being written. Answers how many bytes fewer are.
  std::uint64_t clear();

  /// Whoever writes to the database knows of this group: set and reset by it alone.
  std::atomic<bool> is_waiting = false;

 private:
  [[nodiscard]] std::vector<changes_seen> seen_now() const;

  mutable std::mutex mutex_;
  std::shared_ptr<change_log> added_ = std::make_shared<change_log>();
  std::shared_ptr<const change_log> being_written_;
};

}  // namespace troupe::persistence

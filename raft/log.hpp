// log: a member's view of its log. Terms are known for all of it, entries only for a window at its
// end; the rest is on disk and is fetched. Follows each entry from appended to written, stable,
// committed, handed out and applied. Knows neither roles nor messages.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "raft/apply_window.hpp"
#include "raft/entry.hpp"
#include "raft/message.hpp"
#include "raft/term_runs.hpp"
#include "raft/types.hpp"

namespace troupe::raft {

struct restored_state;

struct log_limits {
  std::uint64_t cached_bytes_max;     ///< applied, stable entries kept
  std::uint64_t apply_bytes_max;      ///< handed out at once
  std::uint64_t unapplied_bytes_max;  ///< handed out and not yet applied
  std::uint64_t spare_bytes_max = 0;  ///< applied, stable entries kept that nobody lacks
};

class log {
 public:
  log(const restored_state& state, log_limits limits);

  // ---- shape ------------------------------------------------------------------------------
  [[nodiscard]] log_index base() const { return terms_.base(); }
  [[nodiscard]] log_index first() const { return next(terms_.base()); }
  [[nodiscard]] log_index last() const { return terms_.last(); }
  [[nodiscard]] raft::term last_term() const { return terms_.last_term(); }
  [[nodiscard]] std::optional<raft::term> term_at(log_index index) const {
    return terms_.at(index);
  }
  [[nodiscard]] bool holds(log_index index, raft::term t) const { return term_at(index) == t; }
  [[nodiscard]] std::pair<log_index, raft::term> last_not_above(log_index i, raft::term t) const {
    return terms_.last_not_above(i, t);
  }
  /// Raft §5.4.1: whether a log that ends like this is at least as complete as ours.
  [[nodiscard]] bool is_matched_by(log_index last_index, raft::term last_term) const;

  // ---- growth -----------------------------------------------------------------------------
  void append(entry_ptr e);
  /// Forgets everything at and behind `index`, which is not committed.
  void truncate_from(log_index index);
  void replace_by(const snapshot_point& point);
  void compact_to(log_index index);

  // ---- entries ----------------------------------------------------------------------------
  [[nodiscard]] bool is_cached(log_index index) const {
    return index >= cached_from_ && index <= last();
  }
  /// The first index whose entry, and every entry behind it, is in memory; last + 1 when none is.
  [[nodiscard]] log_index cached_from() const { return cached_from_; }
  /// From `first`, which is cached, up to `last`: at least one entry, then as `bytes_max` allows.
  [[nodiscard]] entries slice(log_index first, log_index last, std::uint64_t bytes_max) const;
  [[nodiscard]] std::uint64_t cached_bytes() const { return appended_bytes_ - evicted_bytes_; }
  [[nodiscard]] std::uint64_t uncommitted_bytes() const { return bytes_behind(commit_); }
  /// Nobody is about to ask for entries up to `index`: few of them are kept.
  void spare_to(log_index index);
  /// Whether these entries, read from disk, are consecutive and part of this log.
  [[nodiscard]] bool confirms(const entries& found) const;

  // ---- writing ----------------------------------------------------------------------------
  [[nodiscard]] log_index stable() const { return stable_; }
  [[nodiscard]] bool has_unwritten() const { return unwritten_from_ <= last(); }
  /// The log as it stands goes to disk with this write: returns the entries not yet written.
  entries start_write(write_sequence sequence);
  /// This write and all before it are durable.
  void finish_writes(write_sequence through);

  // ---- applying ---------------------------------------------------------------------------
  [[nodiscard]] log_index commit() const { return commit_; }
  [[nodiscard]] log_index applying() const { return applying_; }
  [[nodiscard]] log_index applied() const { return applied_; }
  void commit_to(log_index index);
  /// The last index that may be handed out: an applied state never runs ahead of the durable log.
  [[nodiscard]] log_index appliable() const { return std::min(commit_, stable_); }
  [[nodiscard]] bool can_hand_out() const;
  /// The next entries to apply, from memory; needs can_hand_out() and the next entry cached.
  entries hand_out(std::uint64_t bytes_max);
  /// Entries read from disk are handed out; they begin behind applying().
  void handed_out(const entries& found);
  [[nodiscard]] std::uint64_t apply_budget() const;
  void applied_to(log_index index);

 private:
  struct slot {
    entry_ptr held;
    std::uint64_t end;  ///< appended_bytes_ right behind this entry
  };
  struct write_in_flight {
    write_sequence sequence;
    log_index last;  ///< what this write can make stable
  };

  [[nodiscard]] const slot& slot_at(log_index index) const;
  [[nodiscard]] std::uint64_t bytes_behind(log_index index) const;
  void forget_written_behind(log_index index);
  void evict();

  log_limits limits_;
  term_runs terms_;
  std::deque<slot> slots_;            ///< entries [cached_from_, last]
  log_index cached_from_;             ///< evicted entries are stable and committed
  log_index spare_to_;                ///< nobody lacks what stands up to here
  std::uint64_t appended_bytes_ = 0;  ///< of all entries that were ever cached
  std::uint64_t evicted_bytes_ = 0;   ///< of those in front of cached_from_

  std::deque<write_in_flight> writes_;  ///< sequences rise
  log_index unwritten_from_;            ///< entries from here on are in no write yet
  log_index stable_;    ///< the durable log equals this one up to here; rolls back on truncation
  log_index commit_;    ///< ≤ last
  log_index applying_;  ///< handed out; ≤ commit and ≤ stable, or the snapshot's index
  log_index applied_;   ///< ≤ applying
  apply_window window_;
};

}  // namespace troupe::raft

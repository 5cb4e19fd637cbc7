#include "raft/log.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "raft/core.hpp"
#include "raft/invariant.hpp"

namespace troupe::raft {

log::log(const restored_state& state, log_limits limits)
    : limits_(limits), terms_(state.snapshot.index, state.snapshot.term) {
  for (std::size_t i = 0; i < state.terms.size(); ++i) {
    const bool is_newest = i + 1 == state.terms.size();
    const auto end = is_newest ? state.last : previous(state.terms[i + 1].first);
    RAFT_CHECK(state.terms[i].first == next(terms_.last()), "restored terms leave no gap");
    terms_.extend(end, state.terms[i].second);
  }
  RAFT_CHECK(terms_.last() == std::max(state.last, state.snapshot.index),
             "restored terms cover the log");
  RAFT_CHECK(state.applied <= terms_.last(), "nothing was applied that the log does not hold");
  cached_from_ = next(terms_.last());
  unwritten_from_ = cached_from_;
  stable_ = terms_.last();
  applied_ = std::max(state.applied, terms_.base());
  applying_ = applied_;
  commit_ = applied_;
}

bool log::is_matched_by(log_index last_index, raft::term last_term) const {
  return last_term > this->last_term() || (last_term == this->last_term() && last_index >= last());
}

// ---- growth ---------------------------------------------------------------------------------

void log::append(entry_ptr e) {
  RAFT_CHECK(e->index == next(last()), "a log has no gaps");
  terms_.extend(e->index, e->term);
  appended_bytes_ += e->size_bytes();
  slots_.push_back({std::move(e), appended_bytes_});
}

void log::truncate_from(log_index index) {
  RAFT_CHECK(index > commit_, "a committed entry is never truncated");
  if (index > last()) {
    return;
  }
  while (!slots_.empty() && slots_.back().held->index >= index) {
    slots_.pop_back();
  }
  appended_bytes_ = slots_.empty() ? evicted_bytes_ : slots_.back().end;
  cached_from_ = std::min(cached_from_, index);
  terms_.truncate_from(index);
  forget_written_behind(previous(index));
}

// The same entry may be appended, truncated and appended again (an old leader's suffix that a newer
// one holds after all). So a notice is never matched by index and term: each write in flight knows
// how much of the present log it holds, and that only shrinks.
void log::forget_written_behind(log_index index) {
  for (auto& w : writes_) {
    w.last = std::min(w.last, index);
  }
  stable_ = std::min(stable_, index);
  unwritten_from_ = std::min(unwritten_from_, next(index));
}

void log::replace_by(const snapshot_point& point) {
  RAFT_CHECK(point.index > commit_, "a snapshot never takes back what is committed");
  // Up to the commit index the disk holds what the snapshot covers; behind it, anything.
  forget_written_behind(commit_);
  slots_.clear();
  evicted_bytes_ = appended_bytes_;
  terms_.reset(point.index, point.term);
  cached_from_ = next(point.index);
  unwritten_from_ = cached_from_;
  commit_ = applying_ = applied_ = point.index;
  window_.clear();
}

void log::compact_to(log_index index) {
  if (index <= base()) {
    return;
  }
  RAFT_CHECK(index <= applied_, "only what is applied may be compacted");
  terms_.compact_to(index);
  while (!slots_.empty() && slots_.front().held->index <= index) {
    evicted_bytes_ = slots_.front().end;
    slots_.pop_front();
  }
  cached_from_ = std::max(cached_from_, next(index));
}

// ---- entries --------------------------------------------------------------------------------

const log::slot& log::slot_at(log_index index) const {
  return slots_[distance(cached_from_, index)];
}

std::uint64_t log::bytes_behind(log_index index) const {
  return next(index) <= cached_from_ ? cached_bytes() : appended_bytes_ - slot_at(index).end;
}

entries log::slice(log_index first, log_index last, std::uint64_t bytes_max) const {
  RAFT_CHECK(is_cached(first) && last <= this->last(), "a slice lies within the cached window");
  const auto begin = slots_.begin() + static_cast<std::ptrdiff_t>(distance(cached_from_, first));
  const std::uint64_t start = begin->end - begin->held->size_bytes();
  auto end = begin + static_cast<std::ptrdiff_t>(distance(first, last)) + 1;
  if (std::prev(end)->end - start > bytes_max) {
    end = std::upper_bound(std::next(begin), end, start + bytes_max,
                           [](std::uint64_t limit, const slot& s) { return limit < s.end; });
  }
  entries found;
  found.reserve(static_cast<std::size_t>(end - begin));
  std::transform(begin, end, std::back_inserter(found), [](const slot& s) { return s.held; });
  return found;
}

bool log::confirms(const entries& found) const {
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]->index != found.front()->index + i || !holds(found[i]->index, found[i]->term)) {
      return false;
    }
  }
  return true;
}

void log::spare_to(log_index index) {
  spare_to_ = index;
  evict();
}

// Applied entries are kept for followers that lag a little. Entries that wait for a slow processor
// may leave as well once they take too much room: they can be fetched again.
void log::evict() {
  const auto keep_unapplied = limits_.cached_bytes_max + limits_.unapplied_bytes_max;
  const auto keep_spare = std::min(limits_.spare_bytes_max, limits_.cached_bytes_max);
  while (!slots_.empty() &&
         cached_bytes() > (cached_from_ <= spare_to_ ? keep_spare : limits_.cached_bytes_max)) {
    const bool crowded = cached_bytes() > keep_unapplied;
    const log_index evictable = std::min(stable_, crowded ? commit_ : applied_);
    if (cached_from_ > evictable) {
      break;
    }
    evicted_bytes_ = slots_.front().end;
    slots_.pop_front();
    cached_from_ = next(cached_from_);
  }
}

// ---- writing --------------------------------------------------------------------------------

entries log::start_write(write_sequence sequence) {
  entries unwritten;
  if (has_unwritten()) {
    unwritten = slice(unwritten_from_, last(), std::numeric_limits<std::uint64_t>::max());
  }
  unwritten_from_ = next(last());
  writes_.push_back({sequence, last()});
  return unwritten;
}

void log::finish_writes(write_sequence through) {
  while (!writes_.empty() && writes_.front().sequence <= through) {
    stable_ = std::max(stable_, writes_.front().last);
    writes_.pop_front();
  }
  evict();
}

// ---- applying -------------------------------------------------------------------------------

void log::commit_to(log_index index) {
  if (index <= commit_) {
    return;
  }
  RAFT_CHECK(index <= last(), "only what the log holds can be committed");
  commit_ = index;
}

std::uint64_t log::apply_budget() const {
  const auto waiting = window_.outstanding_bytes();
  const auto room = limits_.unapplied_bytes_max - std::min(limits_.unapplied_bytes_max, waiting);
  return std::min(room, limits_.apply_bytes_max);
}

bool log::can_hand_out() const {
  return applying_ < appliable() && (window_.outstanding_bytes() == 0 || apply_budget() > 0);
}

entries log::hand_out(std::uint64_t bytes_max) {
  entries found = slice(next(applying_), appliable(), bytes_max);
  handed_out(found);
  return found;
}

void log::handed_out(const entries& found) {
  RAFT_CHECK(found.front()->index == next(applying_), "entries are handed out once, in order");
  RAFT_CHECK(found.back()->index <= appliable(), "only durable, committed entries are handed out");
  std::uint64_t bytes = 0;
  for (const auto& e : found) {
    bytes += e->size_bytes();
  }
  applying_ = found.back()->index;
  window_.handed_out(applying_, bytes);
}

void log::applied_to(log_index index) {
  if (index <= applied_) {
    return;
  }
  RAFT_CHECK(index <= applying_, "only what was handed out can be applied");
  applied_ = index;
  window_.applied(index);
  evict();
}

}  // namespace troupe::raft

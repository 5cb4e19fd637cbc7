// group_log: see the header.
#include "persistence/group_log.hpp"

#include <algorithm>
#include <iterator>

#include "persistence/log_records.hpp"

namespace troupe::persistence {
namespace {

// Small enough not to matter, large enough not to be reached by groups that are cut all the time.
constexpr std::size_t spare_places = 1024;

auto start_behind(const group_log& log, raft::log_index index) {
  return std::upper_bound(
      log.term_starts.begin(), log.term_starts.end(), index,
      [](raft::log_index wanted, const auto& start) { return wanted < start.first; });
}

}  // namespace

void entry_places::drop_front(std::size_t count) {
  head_ += count;
  if (2 * head_ < held_.size()) return;
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(head_));
  head_ = 0;
  if (held_.capacity() > 4 * held_.size() + spare_places) held_.shrink_to_fit();
}

raft::term group_log::term_at(raft::log_index index) const {
  if (index == point.index) return point.term;
  if (!holds(index)) return {};
  return std::prev(start_behind(*this, index))->second;
}

const raft::configuration& group_log::configuration_at(raft::log_index index) const {
  const auto behind = std::upper_bound(
      configurations.begin(), configurations.end(), index,
      [](raft::log_index wanted, const auto& entry) { return wanted < entry.first; });
  return behind == configurations.begin() ? point.peers : std::prev(behind)->second;
}

void group_log::add(raft::term term, const entry_place& where) {
  // The first entry always begins a run, whatever came before.
  if (term_starts.empty() || term_starts.back().second != term) {
    term_starts.emplace_back(next(last()), term);
  }
  places.push_back(where);
  entry_bytes += where.bytes + entry_prefix_bytes;
}

void group_log::forget_from(raft::log_index first) {
  for (auto i = first; i <= last(); i = next(i)) {
    entry_bytes -= place(i).bytes + entry_prefix_bytes;
  }
  places.keep_front(std::min(places.size(), distance(point.index, first) - 1));
  while (!term_starts.empty() && term_starts.back().first >= first) term_starts.pop_back();
  while (!configurations.empty() && configurations.back().first >= first) {
    configurations.pop_back();
  }
}

void group_log::move_point(raft::snapshot_point to) {
  const auto term_behind = term_at(next(to.index));
  const auto forgotten = std::min(places.size(), distance(point.index, to.index));
  for (std::size_t i = 0; i < forgotten; ++i) {
    entry_bytes -= places[i].bytes + entry_prefix_bytes;
  }
  places.drop_front(forgotten);
  const auto kept = start_behind(*this, next(to.index));
  const bool cuts_a_run = places.size() > 0;
  term_starts.erase(term_starts.begin(), kept);
  if (cuts_a_run) term_starts.insert(term_starts.begin(), {next(to.index), term_behind});
  std::erase_if(configurations, [&](const auto& entry) { return entry.first <= to.index; });
  point = std::move(to);
}

}  // namespace troupe::persistence

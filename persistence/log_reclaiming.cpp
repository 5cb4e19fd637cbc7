// log_reclaiming: see the header.
#include "persistence/log_reclaiming.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "persistence/log_reading.hpp"
#include "raft/invariant.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;

/// So many segments are kept without asking how much of them lives.
constexpr std::uint64_t spare_segments = 4;
/// A segment that a restart ended early counts for this part of a full one: they are bounded, too.
constexpr std::uint64_t least_part = 16;

}  // namespace

segment_number log_reclaiming::first_needed(const log_contents& log, segment_number written) {
  const auto is_needed = [&](const auto& s) { return s.second.live > 0 || s.first >= written; };
  const auto needed = std::find_if(log.segments.begin(), log.segments.end(), is_needed);
  return needed == log.segments.begin() || needed == log.segments.end() ? 0 : needed->first;
}

bool log_reclaiming::is_wanted(const log_contents& log, segment_number written) const {
  if (log.segments.empty() || log.segments.begin()->first >= written) return false;
  std::uint64_t bytes = 0;
  for (const auto& [number, segment] : log.segments) {
    bytes += std::max(segment.bytes, segment_bytes_ / least_part);
  }
  return bytes > std::max(spare_segments * segment_bytes_, 2 * log.live_bytes());
}

status log_reclaiming::stage_slice(log_contents& log, segment_number written, std::uint64_t bytes,
                                   log_staging& to) {
  staged_ = done_;
  if (!is_wanted(log, written)) return {};
  const auto& [oldest, segment] = *log.segments.begin();
  if (segment.live == 0) return {};
  if (staged_.segment != oldest) staged_ = {oldest, {}, {}};
  const auto end = to.bytes() + bytes;
  // Nothing new gets into an old segment, so one pass over the groups finds all that lives there.
  const auto first = log.groups.lower_bound(staged_.group);
  RAFT_CHECK(first != log.groups.end(), "what lives in a segment belongs to a group");
  for (auto at = first; at != log.groups.end() && to.bytes() < end; ++at) {
    if (at->first != staged_.group) staged_ = {oldest, at->first, {}};
    auto& group = at->second;
    if (staged_.index.is_none()) {
      if (group.hard_segment == oldest) to.copy_hard_state(at->first, group);
      if (group.point_segment == oldest) to.copy_point(at->first, group);
    }
    if (auto done = stage_entries(log, at->first, group, end, to); !done.ok()) return done;
    if (staged_.index > group.last()) staged_ = {oldest, raft::group_id{at->first.value() + 1}, {}};
  }
  return {};
}

status log_reclaiming::stage_entries(const log_contents& log, raft::group_id id, group_log& group,
                                     std::uint64_t end, log_staging& to) {
  auto& index = staged_.index;
  index = std::max(index, next(group.point.index));
  while (index <= group.last() && to.bytes() < end) {
    if (group.place(index).segment != staged_.segment) {
      index = next(index);
      continue;
    }
    const auto term = group.term_at(index);
    std::uint32_t count = 0;
    std::uint64_t bytes = 0;
    for (auto i = index; i <= group.last() && group.place(i).segment == staged_.segment &&
                         group.term_at(i) == term && (count == 0 || to.bytes() + bytes < end);
         i = next(i)) {
      bytes += group.place(i).bytes;
      ++count;
    }
    if (auto done = stage_run(log, id, group, count, to); !done.ok()) return done;
    index = index + count;
  }
  return {};
}

status log_reclaiming::stage_run(const log_contents& log, raft::group_id id, group_log& group,
                                 std::uint32_t count, log_staging& to) {
  const auto first = staged_.index;
  std::vector<entry_place> places;
  places.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) places.push_back(group.place(first + i));
  to.copy_run(id, group, first, count);
  const std::map<segment_number, segment_file> files{
      {staged_.segment, log.segments.at(staged_.segment).file}};
  return read_entries(directory_, files, {id, first, places},
                      [&](const raft::entry_ptr& e, std::string_view encoded) {
                        to.copy_entry(encoded, e->peers.has_value());
                        return true;
                      });
}

}  // namespace troupe::persistence

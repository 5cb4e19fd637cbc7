// log_contents: see the header.
#include "persistence/log_contents.hpp"

#include <algorithm>
#include <utility>

#include "persistence/log_records.hpp"
#include "raft/invariant.hpp"

namespace troupe::persistence {

using raft::log_index;

const group_log* log_contents::find(raft::group_id group) const {
  const auto found = groups.find(group);
  return found == groups.end() ? nullptr : &found->second;
}

void log_contents::add(segment_number segment, std::uint64_t bytes) {
  segments[segment].live += bytes;
  live_ += bytes;
}

void log_contents::remove(segment_number segment, std::uint64_t bytes) {
  auto& live = segments[segment].live;
  RAFT_CHECK(live >= bytes, "a segment counts every record that lives in it");
  live -= bytes;
  live_ -= bytes;
}

void log_contents::remove_entries(const group_log& log, log_index from, log_index to) {
  segment_number segment = 0;
  std::uint64_t bytes = 0;
  for (auto i = from; i <= to; i = next(i)) {
    const auto& place = log.place(i);
    if (place.segment != segment && bytes > 0) {
      remove(segment, std::exchange(bytes, 0));
    }
    segment = place.segment;
    bytes += place.bytes + entry_prefix_bytes;
  }
  if (bytes > 0) remove(segment, bytes);
}

void log_contents::set_hard(group_log& log, const raft::hard_state& hard, segment_number segment) {
  if (log.hard_segment != 0) remove(log.hard_segment, hard_state_record_bytes);
  add(segment, hard_state_record_bytes);
  log.hard = hard;
  log.hard_segment = segment;
}

void log_contents::place_point(group_log& log, segment_number segment, std::uint32_t bytes) {
  if (log.point_segment != 0) remove(log.point_segment, log.point_bytes);
  add(segment, bytes);
  log.point_segment = segment;
  log.point_bytes = bytes;
  log.begins_unwritten = false;
}

void log_contents::set_point(group_log& log, raft::snapshot_point point, segment_number segment,
                             std::uint32_t bytes) {
  remove_entries(log, next(log.point.index), std::min(point.index, log.last()));
  place_point(log, segment, bytes);
  log.move_point(std::move(point));
}

void log_contents::install(group_log& log, raft::snapshot_point point, segment_number segment,
                           std::uint32_t bytes) {
  const auto first = next(log.point.index);
  remove_entries(log, first, log.last());
  place_point(log, segment, bytes);
  log.forget_from(first);
  log.point = std::move(point);
}

void log_contents::append(group_log& log, log_index first, raft::term term,
                          std::span<const entry_place> places,
                          std::span<const raft::entry_ptr> entries) {
  remove_entries(log, first, log.last());
  log.forget_from(first);
  for (std::size_t i = 0; i < places.size(); ++i) {
    log.add(term, places[i]);
    if (entries[i]->peers) log.configurations.emplace_back(entries[i]->index, *entries[i]->peers);
  }
  std::uint64_t bytes = 0;
  for (const auto& place : places) bytes += place.bytes + entry_prefix_bytes;
  if (!places.empty()) add(places.front().segment, bytes);
}

void log_contents::move(group_log& log, log_index first, std::span<const entry_place> places) {
  for (const auto& place : places) {
    auto& at = log.place(first);
    remove(at.segment, at.bytes + entry_prefix_bytes);
    add(place.segment, place.bytes + entry_prefix_bytes);
    at = place;
    first = next(first);
  }
}

void log_contents::count(const group_log& log) {
  if (log.hard_segment != 0) add(log.hard_segment, hard_state_record_bytes);
  if (log.point_segment != 0) add(log.point_segment, log.point_bytes);
  for (std::size_t i = 0; i < log.places.size(); ++i) {
    add(log.places[i].segment, log.places[i].bytes + entry_prefix_bytes);
  }
}

}  // namespace troupe::persistence

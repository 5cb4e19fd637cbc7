// log_replay: see the header.
#include "persistence/log_replay.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "codec/raft_codec.hpp"

namespace troupe::persistence {

using raft::log_index;

// ---- one group ----------------------------------------------------------------------------------

void replayed_group::set_hard(const raft::hard_state& hard, segment_number segment) {
  head_.hard = hard;
  head_.hard_segment = segment;
}

void replayed_group::set_point(raft::snapshot_point point, segment_number segment,
                               std::uint32_t bytes) {
  head_.point = std::move(point);
  head_.point_segment = segment;
  head_.point_bytes = bytes;
}

void replayed_group::forget_from(log_index first) {
  runs_.erase(runs_.lower_bound(first), runs_.end());
  configurations_.erase(configurations_.lower_bound(first), configurations_.end());
  if (runs_.empty()) return;
  auto& [begin, entries] = *runs_.rbegin();
  const auto kept = distance(begin, first);
  if (kept < entries.size()) entries.resize(kept);
}

void replayed_group::append(log_index index, raft::term term, const entry_place& place) {
  if (runs_.empty() || runs_.rbegin()->first + runs_.rbegin()->second.size() != index) {
    runs_.emplace_hint(runs_.end(), index, run());
  }
  runs_.rbegin()->second.push_back({term, place});
}

void replayed_group::copy(log_index index, raft::term term, const entry_place& place) {
  const auto behind = runs_.upper_bound(index);
  if (behind != runs_.begin()) {
    auto& [begin, entries] = *std::prev(behind);
    const auto at = distance(begin, index);
    if (at < entries.size()) {
      entries[at] = {term, place};
      return;
    }
    if (at == entries.size()) {
      entries.push_back({term, place});
      return;
    }
  }
  runs_.emplace_hint(behind, index, run{{term, place}});
}

void replayed_group::set_peers(log_index index, raft::configuration peers) {
  configurations_.insert_or_assign(index, std::move(peers));
}

std::string replayed_group::finish_run(log_index first, const run& entries, group_log& log) {
  const auto skipped = std::min<std::uint64_t>(
      entries.size(), first > log.point.index ? 0 : distance(first, next(log.point.index)));
  if (skipped == entries.size()) return {};
  const auto begin = next(log.last());
  if (first + skipped != begin) {
    return "the entries from " + to_string(begin) + " to before " + to_string(first + skipped) +
           " are missing";
  }
  for (auto i = skipped; i < entries.size(); ++i) {
    if (entries[i].term < log.term_at(log.last())) {
      return "entry " + to_string(first + i) + " has term " + to_string(entries[i].term) +
             ", the one before " + to_string(log.term_at(log.last()));
    }
    log.add(entries[i].term, entries[i].place);
  }
  return {};
}

std::string replayed_group::finish(group_log& log) {
  log = std::move(head_);
  std::size_t held = 0;
  for (const auto& [first, entries] : runs_) {
    const auto end = first + entries.size();
    const auto begin = std::max(first, next(log.point.index));
    held += end > begin ? distance(begin, end) : 0;
  }
  log.places.reserve(held);
  for (auto& [first, entries] : runs_) {
    if (auto wrong = finish_run(first, entries, log); !wrong.empty()) return wrong;
    run().swap(entries);
  }
  for (auto& [index, peers] : configurations_) {
    if (log.holds(index)) log.configurations.emplace_back(index, std::move(peers));
  }
  // Raft §5.1: a member's term is at least that of each of its entries. A lower one means that the
  // hard state, and with it a vote, was lost.
  const auto last_term = log.places.size() == 0 ? raft::term{} : log.term_at(log.last());
  if (log.hard.term < last_term) {
    return "the hard state has term " + to_string(log.hard.term) + ", below term " +
           to_string(last_term) + " of the last entry";
  }
  return {};
}

// ---- all groups ---------------------------------------------------------------------------------

bool log_replay::add_record(segment_number segment, std::size_t body_at, log_record_view record,
                            log_record_reader& from) {
  if (record.kind == log_record::begin) {
    begin_ = std::max(begin_, record.segment);
    return true;
  }
  auto& group = groups_[record.group];
  switch (record.kind) {
    case log_record::hard_state:
      group.set_hard({record.term, record.vote}, segment);
      return true;
    case log_record::install:
      group.forget_from(log_index{0});
      [[fallthrough]];
    case log_record::point:
      group.set_point({record.index, record.term, std::move(record.peers)}, segment,
                      static_cast<std::uint32_t>(record.bytes));
      return true;
    default:
      break;
  }
  const bool is_new = record.kind == log_record::entries;
  if (is_new) group.forget_from(record.index);
  for (std::uint32_t i = 0; i < record.count; ++i) {
    const auto entry = from.next_entry();
    if (!entry) return false;
    const auto index = record.index + i;
    const entry_place place{segment, static_cast<std::uint32_t>(body_at + entry->at),
                            static_cast<std::uint32_t>(entry->encoded.size())};
    is_new ? group.append(index, record.term, place) : group.copy(index, record.term, place);
    if (!entry->is_configuration) continue;
    auto decoded = codec::decode_entry(raft::bytes(std::string(entry->encoded)));
    if (!decoded || !(*decoded)->peers) return false;
    group.set_peers(index, *(*decoded)->peers);
  }
  return true;
}

status log_replay::add(segment_number segment, std::size_t body_at, std::string_view body) {
  log_record_reader records(body);
  while (auto record = records.next()) {
    if (!add_record(segment, body_at, *std::move(record), records)) break;
  }
  if (!records.is_damaged() && records.at() == body.size()) return {};
  return {status_code::corrupt, "segment " + std::to_string(segment) + ", offset " +
                                    std::to_string(body_at + records.at()) +
                                    ": no record of the log"};
}

status log_replay::finish(std::map<raft::group_id, group_log>& groups) {
  for (auto& [id, replayed] : groups_) {
    if (auto wrong = replayed.finish(groups[id]); !wrong.empty()) {
      return {status_code::corrupt, "group " + to_string(id) + ": " + wrong};
    }
    replayed = {};
  }
  groups_.clear();
  return {};
}

}  // namespace troupe::persistence

// log_loading: see the header.
#include "persistence/log_loading.hpp"

#include <rocksdb/db.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "codec/raft_codec.hpp"
#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::unexpected;

/// Reads the records of one group; each method stops the whole load by returning a failure.
class group_reader {
 public:
  group_reader(rocksdb::DB& db, raft::group_id group) : db_(db), group_(group) {}

  raft::expected<loaded_group, status> load() {
    for (const auto step : {&group_reader::read_snapshot, &group_reader::read_hard_state,
                            &group_reader::read_marker, &group_reader::read_term_starts,
                            &group_reader::read_configurations, &group_reader::check_counts,
                            &group_reader::check_bounds, &group_reader::check_hard_state}) {
      if (auto done = (this->*step)(); !done.ok()) {
        return unexpected(std::move(done));
      }
    }
    loaded_.state.last = loaded_.outline.last;
    loaded_.state.terms = loaded_.outline.term_starts;
    return std::move(loaded_);
  }

 private:
  status corrupt(const std::string& what) const {
    return {status_code::corrupt,
            "log of group " + to_string(group_) + " in " + db_.GetName() + ": " + what};
  }

  /// The record at `key`, nothing when there is none; `failure` says why it could not be read.
  std::optional<std::string> get(const std::string& key, status& failure) {
    std::string record;
    const auto outcome = db_.Get({}, key, &record);
    if (outcome.ok()) {
      return record;
    }
    if (!outcome.IsNotFound()) {
      failure = to_status(outcome, "read log of group " + to_string(group_) + " in", db_.GetName());
    }
    return std::nullopt;
  }

  status read_snapshot() {
    status failure;
    const std::string key = log_key(group_, log_record::snapshot);
    if (const auto record = get(key, failure)) {
      auto point = decode_snapshot_point(key, *record);
      if (!point) {
        return corrupt("the snapshot point is damaged");
      }
      loaded_.known = true;
      loaded_.outline.snapshot_index = point->index;
      loaded_.outline.snapshot_term = point->term;
      loaded_.state.snapshot = *std::move(point);
    }
    loaded_.outline.last = loaded_.outline.snapshot_index;
    return failure;
  }

  status read_hard_state() {
    status failure;
    const std::string key = log_key(group_, log_record::hard_state);
    if (const auto record = get(key, failure)) {
      const auto hard = decode_hard_state(key, *record);
      if (!hard) {
        return corrupt("the hard state (term and vote) is damaged");
      }
      loaded_.state.hard = *hard;
    }
    return failure;
  }

  status read_marker() {
    status failure;
    const std::string key = log_key(group_, log_record::marker);
    if (const auto record = get(key, failure)) {
      marker_ = decode_marker(key, *record);
      if (!marker_) {
        return corrupt("the durable-index marker is damaged");
      }
      loaded_.outline.last = marker_->last;
    }
    return failure;
  }

  /// Calls `take(index, key, record)` for each record of this kind behind the snapshot.
  template <class Take>
  status for_each(log_record kind, const Take& take) {
    rocksdb::ReadOptions reads;
    const std::string end_key = log_key_end(group_, kind);
    const rocksdb::Slice end(end_key);
    reads.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(reads));
    for (at->Seek(log_key(group_, kind, next(loaded_.outline.snapshot_index))); at->Valid();
         at->Next()) {
      if (!take(index_in(at->key().ToStringView()), at->key().ToStringView(),
                at->value().ToStringView())) {
        return corrupt("the record of kind '" + std::string(1, static_cast<char>(kind)) +
                       "' at index " + to_string(index_in(at->key().ToStringView())) +
                       " is damaged");
      }
    }
    return to_status(at->status(), "read log of group " + to_string(group_) + " in", db_.GetName());
  }

  status read_term_starts() {
    auto& starts = loaded_.outline.term_starts;
    return for_each(log_record::term_start,
                    [&](log_index index, std::string_view key, std::string_view record) {
                      const auto term = decode_term_start(key, record);
                      if (term) {
                        starts.emplace_back(index, *term);
                      }
                      return term.has_value();
                    });
  }

  status read_configurations() {
    return for_each(log_record::configuration,
                    [&](log_index index, std::string_view key, std::string_view record) {
                      auto peers = decode_peers(key, record);
                      if (peers) {
                        loaded_.outline.configurations.push_back(index);
                        loaded_.state.configurations.emplace_back(index, *std::move(peers));
                      }
                      return peers.has_value();
                    });
  }

  status check_counts() {
    const auto& outline = loaded_.outline;
    if (!marker_) {
      const bool empty = outline.term_starts.empty() && outline.configurations.empty();
      return empty ? status() : corrupt("the durable-index marker is missing");
    }
    if (*marker_ == outline.marker()) {
      return {};
    }
    return corrupt("the marker speaks of last index " + to_string(marker_->last) + ", term " +
                   to_string(marker_->last_term) + ", " + std::to_string(marker_->term_starts) +
                   " term starts and " + std::to_string(marker_->configurations) +
                   " configurations; found term " + to_string(outline.last_term()) + ", " +
                   std::to_string(outline.term_starts.size()) + " and " +
                   std::to_string(outline.configurations.size()));
  }

  /// First and last entry must be there and of the right term. A hole between them is left to
  /// reads: looking at every key would make the start as long as the log.
  status check_bounds() {
    const auto& outline = loaded_.outline;
    const auto first = next(outline.snapshot_index);
    rocksdb::ReadOptions reads;
    const std::string begin_key = log_key(group_, log_record::entry, first);
    const std::string end_key = log_key_end(group_, log_record::entry);
    const rocksdb::Slice begin(begin_key);
    const rocksdb::Slice end(end_key);
    reads.iterate_lower_bound = &begin;
    reads.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(reads));
    at->SeekToLast();
    const bool any = at->Valid();
    const auto found = any ? index_in(at->key().ToStringView()) : outline.snapshot_index;
    if (!at->status().ok()) {
      return to_status(at->status(), "read log of group " + to_string(group_) + " in",
                       db_.GetName());
    }
    if (found != outline.last) {
      return corrupt("must end at index " + to_string(outline.last) + ", but ends at " +
                     to_string(found));
    }
    if (!any) {
      return {};
    }
    for (const auto index : {first, outline.last}) {
      const auto entry =
          read_entries(db_, {group_, index, index, 1}, [](log_index) { return true; });
      if (!entry) {
        return entry.error();
      }
      if (entry->front()->term != outline.term_at(index)) {
        return corrupt("entry " + to_string(index) + " has term " +
                       to_string(entry->front()->term) + ", the term starts say " +
                       to_string(outline.term_at(index)));
      }
    }
    return {};
  }

  /// Raft §5.1: a member's term is at least that of each of its entries. A lower one means that the
  /// hard state, and with it a vote, was lost.
  status check_hard_state() {
    const auto last = loaded_.outline.term_starts.empty()
                          ? raft::term{}
                          : loaded_.outline.term_starts.back().second;
    if (loaded_.state.hard.term < last) {
      return corrupt("the hard state has term " + to_string(loaded_.state.hard.term) +
                     ", below term " + to_string(last) + " of the last entry");
    }
    return {};
  }

  rocksdb::DB& db_;
  raft::group_id group_;
  loaded_group loaded_;
  std::optional<log_marker> marker_;
};

/// The entry in `record`, if it is the one that belongs at `index`.
raft::expected<raft::entry_ptr, status> check_entry(raft::group_id group, log_index index,
                                                    std::string record) {
  const std::string where = "group " + to_string(group) + ", entry " + to_string(index) + ": ";
  auto decoded = codec::decode_entry(raft::bytes(std::move(record)));
  if (!decoded) {
    return unexpected(status(status_code::corrupt, where + decoded.error().what));
  }
  if ((*decoded)->index != index) {
    return unexpected(status(status_code::corrupt, where + "the record under this key is entry " +
                                                       to_string((*decoded)->index)));
  }
  return *std::move(decoded);
}

}  // namespace

raft::expected<loaded_group, status> load_group(rocksdb::DB& db, raft::group_id group) {
  return group_reader(db, group).load();
}

raft::expected<raft::entries, status> read_entries(rocksdb::DB& db, const read_range& range,
                                                   const held_check& is_held) {
  rocksdb::ReadOptions reads;
  // A follower that catches up reads each entry once; it must not push out what others need.
  reads.fill_cache = false;
  const std::string end_key = log_key(range.group, log_record::entry, next(range.last));
  const rocksdb::Slice end(end_key);
  reads.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(reads));
  raft::entries found;
  auto expected = range.first;
  std::uint64_t bytes = 0;
  for (at->Seek(log_key(range.group, log_record::entry, expected));
       at->Valid() && index_in(at->key().ToStringView()) == expected; at->Next()) {
    auto entry = check_entry(range.group, expected, at->value().ToString());
    if (!entry) {
      return unexpected(entry.error());
    }
    bytes += (*entry)->size_bytes();
    if (!found.empty() && bytes > range.bytes_max) {
      return found;
    }
    found.push_back(*std::move(entry));
    expected = next(expected);
  }
  if (!at->status().ok()) {
    return unexpected(to_status(
        at->status(),
        "group " + to_string(range.group) + ", entry " + to_string(expected) + ": read log in",
        db.GetName()));
  }
  if (expected <= range.last && is_held(expected)) {
    return unexpected(status(status_code::corrupt, "group " + to_string(range.group) + ", entry " +
                                                       to_string(expected) + " is missing in " +
                                                       db.GetName()));
  }
  if (found.empty()) {
    return unexpected(status(status_code::absent, "group " + to_string(range.group) + ", entry " +
                                                      to_string(range.first) +
                                                      " is not in the log"));
  }
  return found;
}

}  // namespace troupe::persistence

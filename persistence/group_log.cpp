// group_log: see the header.
#include "persistence/group_log.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string>

#include "codec/raft_codec.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;

// A range deletion costs every later read of its level a look; a few deletions cost nothing.
constexpr std::uint64_t single_deletes_max = 256;

status broken(raft::group_id group, const std::string& what) {
  return {status_code::corrupt, "group " + to_string(group) + ": " + what};
}

/// WriteBatch remembers a failure only where it is told to protect itself; here it cannot fail but
/// by exceeding 4 GiB, which the caller's byte limits exclude.
void put(rocksdb::WriteBatch& batch, const std::string& key, const std::string& value) {
  batch.Put(key, value).PermitUncheckedError();
}

void erase(rocksdb::WriteBatch& batch, const std::string& key) {
  batch.Delete(key).PermitUncheckedError();
}

/// Deletes the entries [from, to].
void erase_entries(raft::group_id group, log_index from, log_index to, rocksdb::WriteBatch& batch) {
  if (from > to) {
    return;
  }
  if (distance(from, to) < single_deletes_max) {
    for (auto i = from; i <= to; i = next(i)) {
      erase(batch, log_key(group, log_record::entry, i));
    }
    return;
  }
  // Begins right behind the entry before, with a key that no entry has: entries_of_group in
  // log_recovery.cpp says why.
  batch
      .DeleteRange(log_key(group, log_record::entry, previous(from)) + '\0',
                   log_key(group, log_record::entry, next(to)))
      .PermitUncheckedError();
}

void put_term_start(raft::group_id group, log_index index, raft::term term, group_log& log,
                    rocksdb::WriteBatch& batch) {
  const std::string key = log_key(group, log_record::term_start, index);
  put(batch, key, encode_term_start(key, term));
  log.term_starts.emplace_back(index, term);
}

/// Forgets term starts and configurations at and above `index`.
void truncate_outline(raft::group_id group, log_index index, group_log& log,
                      rocksdb::WriteBatch& batch) {
  while (!log.term_starts.empty() && log.term_starts.back().first >= index) {
    erase(batch, log_key(group, log_record::term_start, log.term_starts.back().first));
    log.term_starts.pop_back();
  }
  while (!log.configurations.empty() && log.configurations.back() >= index) {
    erase(batch, log_key(group, log_record::configuration, log.configurations.back()));
    log.configurations.pop_back();
  }
}

void put_snapshot(raft::group_id group, const raft::snapshot_point& point, group_log& log,
                  rocksdb::WriteBatch& batch) {
  const std::string key = log_key(group, log_record::snapshot);
  put(batch, key, encode_snapshot_point(key, point));
  log.snapshot_index = point.index;
  log.snapshot_term = point.term;
}

void stage_snapshot(raft::group_id group, const raft::snapshot_point& point, group_log& log,
                    rocksdb::WriteBatch& batch) {
  const auto first = next(log.snapshot_index);
  truncate_outline(group, first, log, batch);
  erase_entries(group, first, log.last, batch);
  put_snapshot(group, point, log, batch);
  log.last = point.index;
}

status check_entries(raft::group_id group, const raft::entries& entries, const group_log& log) {
  auto expected = entries.front()->index;
  if (expected <= log.snapshot_index || expected > next(log.last)) {
    return broken(group, "entries from " + to_string(expected) + " do not fit a log of (" +
                             to_string(log.snapshot_index) + ", " + to_string(log.last) + "]");
  }
  auto term = log.term_at(previous(expected));
  for (const auto& e : entries) {
    if (e->index != expected || e->term < term) {
      return broken(group, "entry " + to_string(e->index) + " of term " + to_string(e->term) +
                               " cannot follow at " + to_string(expected) + " after term " +
                               to_string(term));
    }
    expected = next(expected);
    term = e->term;
  }
  return {};
}

status stage_entries(raft::group_id group, const raft::entries& entries, group_log& log,
                     rocksdb::WriteBatch& batch) {
  if (auto fit = check_entries(group, entries, log); !fit.ok()) {
    return fit;
  }
  truncate_outline(group, entries.front()->index, log, batch);
  // What the new entries cover is overwritten; only a tail beyond them needs deleting.
  erase_entries(group, next(entries.back()->index), log.last, batch);
  auto term = entries.front()->index == next(log.snapshot_index)
                  ? raft::term{}  // the first entry always begins a run, whatever came before
                  : log.term_at(previous(entries.front()->index));
  for (const auto& e : entries) {
    put(batch, log_key(group, log_record::entry, e->index), codec::encode_entry(*e));
    if (e->term != term) {
      term = e->term;
      put_term_start(group, e->index, term, log, batch);
    }
    if (e->peers) {
      const std::string key = log_key(group, log_record::configuration, e->index);
      put(batch, key, encode_peers(key, *e->peers));
      log.configurations.push_back(e->index);
    }
  }
  log.last = entries.back()->index;
  return {};
}

void put_marker(raft::group_id group, const group_log& log, rocksdb::WriteBatch& batch) {
  const std::string key = log_key(group, log_record::marker);
  put(batch, key, encode_marker(key, log.marker()));
}

}  // namespace

raft::term group_log::term_at(raft::log_index index) const {
  if (index == snapshot_index) {
    return snapshot_term;
  }
  if (index < snapshot_index || index > last) {
    return {};
  }
  const auto behind = std::upper_bound(
      term_starts.begin(), term_starts.end(), index,
      [](raft::log_index wanted, const auto& start) { return wanted < start.first; });
  return behind == term_starts.begin() ? raft::term{} : std::prev(behind)->second;
}

log_marker group_log::marker() const {
  return {last, last_term(), static_cast<std::uint32_t>(term_starts.size()),
          static_cast<std::uint32_t>(configurations.size())};
}

status stage_write(raft::group_id group, const raft::write& w, group_log& log,
                   rocksdb::WriteBatch& batch) {
  if (w.hard) {
    const std::string key = log_key(group, log_record::hard_state);
    put(batch, key, encode_hard_state(key, *w.hard));
  }
  if (w.snapshot) {
    stage_snapshot(group, w.snapshot->point, log, batch);
  }
  if (!w.entries.empty()) {
    if (auto staged = stage_entries(group, w.entries, log, batch); !staged.ok()) {
      return staged;
    }
  }
  if (w.snapshot || !w.entries.empty()) {
    put_marker(group, log, batch);
  }
  return {};
}

status stage_compaction(raft::group_id group, const raft::snapshot_point& point, group_log& log,
                        rocksdb::WriteBatch& batch) {
  const auto index = point.index;
  if (index > log.last || log.term_at(index) != point.term) {
    return broken(group, "cannot forget up to " + to_string(index) + " of term " +
                             to_string(point.term) + " in a log that ends at " +
                             to_string(log.last));
  }
  erase_entries(group, next(log.snapshot_index), index, batch);
  const auto term_behind = log.term_at(next(index));
  auto kept_terms = log.term_starts.begin();
  for (; kept_terms != log.term_starts.end() && kept_terms->first <= next(index); ++kept_terms) {
    erase(batch, log_key(group, log_record::term_start, kept_terms->first));
  }
  std::vector<std::pair<log_index, raft::term>> later(kept_terms, log.term_starts.end());
  log.term_starts.clear();
  if (index < log.last) {
    put_term_start(group, next(index), term_behind, log, batch);
  }
  log.term_starts.insert(log.term_starts.end(), later.begin(), later.end());
  auto kept = log.configurations.begin();
  for (; kept != log.configurations.end() && *kept <= index; ++kept) {
    erase(batch, log_key(group, log_record::configuration, *kept));
  }
  log.configurations.erase(log.configurations.begin(), kept);
  put_snapshot(group, point, log, batch);
  put_marker(group, log, batch);
  return {};
}

}  // namespace troupe::persistence

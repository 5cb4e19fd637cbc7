#include "persistence/member_loading.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::persistence {
namespace {

using raft::unexpected;

/// None where the log has no entry.
raft::term term_at(const raft::restored_state& log, raft::log_index index) {
  if (index == log.snapshot.index) return log.snapshot.term;
  if (index < log.snapshot.index || index > log.last) return {};
  const auto behind =
      std::upper_bound(log.terms.begin(), log.terms.end(), index,
                       [](raft::log_index i, const auto& run) { return i < run.first; });
  return behind == log.terms.begin() ? raft::term{} : std::prev(behind)->second;
}

/// The log becomes empty, behind `point`. A member that never reached the point's term has voted
/// for nobody in it.
status begin_behind(log_store& log, raft::group_id group, const raft::snapshot_point& point,
                    const raft::hard_state& hard) {
  raft::write w;
  w.snapshot = raft::install_snapshot{point, {}};
  if (hard.term < point.term) w.hard = raft::hard_state{point.term, {}};
  const group_write job{group, &w};
  return log.append({&job, 1});
}

}  // namespace

raft::expected<stored_member, status> load_member(log_store& log, state_store& states,
                                                  raft::group_id group,
                                                  const raft::configuration& initial) {
  auto restored = log.load(group, initial);
  if (!restored) return unexpected(restored.error());
  auto data = states.open_group(group, restored->snapshot.peers);
  if (!data) return unexpected(data.error());
  const auto point = (*data)->point();
  if (point.index < restored->snapshot.index) {
    return unexpected(status(status_code::corrupt,
                             "group " + to_string(group) + ": the log begins behind index " +
                                 to_string(restored->snapshot.index) +
                                 ", but the state has applied only " + to_string(point.index)));
  }
  if (!point.index.is_none() && term_at(*restored, point.index) != point.term) {
    if (auto done = begin_behind(log, group, point, restored->hard); !done.ok()) {
      return unexpected(std::move(done));
    }
    restored = log.load(group, initial);
    if (!restored) return unexpected(restored.error());
  }
  restored->applied = point.index;
  return stored_member{std::move(*restored), std::move(*data), log.bytes(group)};
}

}  // namespace troupe::persistence

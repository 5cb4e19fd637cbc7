// Snapshots of a member, out and in, and the length of its log.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/snapshot_sender.hpp"
#include "groups/member.hpp"

namespace troupe::groups {

using actors::send;

namespace {

/// A follower that is slow, but there, may hold the log to this many times its limit.
constexpr std::uint64_t patience = 4;
/// One compaction serves all that wait.
constexpr std::size_t snapshots_waiting_max = 1'024;

/// Never 0; differs between attempts, also across restarts.
std::uint64_t name_of_transfer() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) |
         1U;
}

}  // namespace

// ---- out ---------------------------------------------------------------------------------------

void member::want_snapshots(const std::vector<raft::snapshot_wanted>& wanted) {
  for (const auto& w : wanted) wait_for_export_.push_back(w.to);
  if (wanted.empty() || std::exchange(exporting_, true)) return;
  send(node_.snapshotter, actors::export_job{spec_.id, host_->self});
}

void member::exported(const actors::exported& e) {
  exporting_ = false;
  fresh_snapshot_ = e.snapshot;
  for (const auto to : std::exchange(wait_for_export_, {})) {
    if (e.snapshot) {
      core_->snapshot_ready(
          to, {e.snapshot->manifest.point, raft::bytes(std::string(e.snapshot->directory))});
    } else {
      core_->snapshot_finished(to, false);
    }
  }
}

void member::send_snapshot(raft::message&& announcement) {
  const auto to = announcement.to;
  if (!fresh_snapshot_) return core_->snapshot_finished(to, false);
  actors::snapshot_sender_options o;
  o.group = spec_.id;
  o.group_name = spec_.name;
  o.announcement = std::move(announcement);
  o.snapshot = fresh_snapshot_;
  o.links = node_.links;
  o.member = host_->self;
  o.transfer = name_of_transfer();
  o.bytes_per_second = node_.facts->snapshot_bytes_per_second;
  if (const auto last = senders_.find(to); last != senders_.end())
    release(caf::actor_cast<caf::actor>(last->second));
  auto sender = actors::spawn_snapshot_sender(*host_->system, std::move(o));
  keep("snapshot_sender", caf::actor_cast<caf::actor>(sender));
  senders_.insert_or_assign(to, std::move(sender));
}

void member::snapshot_sent(const actors::snapshot_sent& s) {
  const auto sender = senders_.find(s.to);
  if (sender != senders_.end()) {
    release(caf::actor_cast<caf::actor>(sender->second));
    senders_.erase(sender);
  }
  core_->snapshot_finished(s.to, s.ok);
}

void member::stop_sending_snapshots() {
  for (auto& [to, sender] : std::exchange(senders_, {}))
    release(caf::actor_cast<caf::actor>(sender));
  wait_for_export_.clear();
}

// ---- in ----------------------------------------------------------------------------------------

void member::install(const raft::install_snapshot& snapshot) {
  spdlog::info("group {}: installing a snapshot at index {}", spec_.name,
               to_string(snapshot.point.index));
  release(caf::actor_cast<caf::actor>(*fsm_caller_));
  release(caf::actor_cast<caf::actor>(*processor_));
  for (auto& [peer, replicator] : std::exchange(replicators_, {}))
    release(caf::actor_cast<caf::actor>(replicator));
  core_.reset();
  for (auto& r : std::exchange(proposals_, {})) refuse_while_loading(std::move(r));
  for (auto& q : std::exchange(queries_, {})) refuse_while_loading(std::move(q));
  for (auto& [id, waiting] : std::exchange(reads_, {})) {
    for (auto& q : waiting) refuse_while_loading(std::move(q));
  }
  send(node_.snapshotter, actors::install_job{spec_.id, snapshot.point,
                                              std::string(snapshot.source.view()), host_->self});
}

// ---- the log -----------------------------------------------------------------------------------

void member::applied(const actors::applied& batch, clock::time_point now) {
  apply_times_.add(batch.took, now);
  proposal_times_->applied(batch.index, now);
  applied_ = batch.index;
  core_->applied(batch.index);
  compact_if_long();
}

void member::compact_if_long() {
  const auto& facts = *node_.facts;
  const auto first = core_->first();
  if (compacting_ || applied_ < first) return;
  const auto entries = raft::distance(first, applied_);
  const bool is_long = entries > facts.log_entries_max || log_bytes_ > facts.log_bytes_max;
  if (!is_long || entries <= facts.log_entries_kept) return;
  const bool is_too_long =
      entries > patience * facts.log_entries_max || log_bytes_ > patience * facts.log_bytes_max;
  const raft::log_index kept{applied_.value() - facts.log_entries_kept};
  const auto limit = std::min(kept, core_->compactable(!is_too_long));
  // Each time the state goes to disk: little gain is not worth that.
  if (limit < first || raft::distance(first, limit) < entries / 4) return;
  compact_up_to(limit);
}

void member::compact_up_to(raft::log_index limit) {
  compacting_ = true;
  send(node_.snapshotter, actors::compact_job{spec_.id, limit, host_->self});
}

void member::snapshot(const snapshot_request& r) {
  if (wait_for_snapshot_.size() >= snapshots_waiting_max) {
    return (*r.done)({error_code::overloaded,
                      "group '" + spec_.name + "': " + std::to_string(snapshots_waiting_max) +
                          " requests for a snapshot wait already",
                      {}});
  }
  wait_for_snapshot_.push_back(r);
  // One that is under way may have begun before what is applied now.
  if (!compacting_) compact_as_asked();
}

void member::compact_as_asked() {
  in_snapshot_ = std::exchange(wait_for_snapshot_, {});
  compact_up_to(std::min(applied_, core_->compactable()));
}

void member::compacted(const actors::log_compacted& c) {
  compacting_ = false;
  log_bytes_ = c.log_bytes;
  core_->compacted(c.index);
  for (const auto& r : std::exchange(in_snapshot_, {})) (*r.done)({});
  if (!wait_for_snapshot_.empty()) compact_as_asked();
}

}  // namespace troupe::groups

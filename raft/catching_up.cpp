// Followers behind what the leader holds in memory: entries from disk, and snapshots (Raft §7).
#include <algorithm>

#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

// ---- disk reads -----------------------------------------------------------------------------

void core::machine::want_fetch(progress& p) {
  p.fetching_from = p.next_index();
  out_.fetches.push_back({.purpose = fetch_purpose::replicate,
                          .to = p.id,
                          .first = p.next_index(),
                          .last = previous(log_.cached_from()),
                          .bytes_max = options_.append_bytes_max});
}

void core::machine::fetched(const fetch& request, entries found) {
  if (request.purpose == fetch_purpose::apply) {
    fetched_to_apply(request, std::move(found));
  } else {
    fetched_to_replicate(request, std::move(found));
  }
}

void core::machine::fetched_to_apply(const fetch& request, entries found) {
  if (!is_apply_fetch_pending_ || request.first != next(log_.applying())) {
    return;  // a snapshot was installed meanwhile
  }
  is_apply_fetch_pending_ = false;
  if (found.empty()) {
    return;
  }
  RAFT_CHECK(log_.confirms(found), "the disk holds another log than the member");
  log_.handed_out(found);
  out_.committed = std::move(found);
}

void core::machine::fetched_to_replicate(const fetch& request, entries found) {
  auto* l = leading();
  auto* p = l == nullptr ? nullptr : find(*l, request.to);
  if (p == nullptr || p->fetching_from != request.first) {
    return;  // asked in an earlier leadership
  }
  p->fetching_from = log_index{};
  if (found.empty()) {
    return;  // the next heartbeat answer asks again
  }
  const log_index before = previous(request.first);
  const auto before_term = log_.term_at(before);
  const bool is_relevant = p->next_index() == request.first && !p->is_paused() && before_term &&
                           found.front()->index == request.first && log_.confirms(found);
  if (is_relevant) {
    std::uint64_t bytes = 0;
    for (const auto& e : found) {
      bytes += e->size_bytes();
    }
    const auto count = found.size();
    post_append(*p, {before, *before_term, log_.commit(), std::move(found)}, bytes);
    p->sent(count, bytes);
  }
  send_all(*p);
}

// ---- snapshots ------------------------------------------------------------------------------

void core::machine::want_snapshot(progress& p) {
  if (!p.recently_active) {
    return;  // nobody there to receive it
  }
  p.become_snapshot(log_index{});
  p.retained_from = log_.applied();
  out_.snapshots.push_back({p.id});
}

void core::machine::snapshot_ready(node_id to, install_snapshot snapshot) {
  auto* l = leading();
  auto* p = l == nullptr ? nullptr : find(*l, to);
  if (p == nullptr || p->state() != progress_state::snapshot) {
    return;
  }
  RAFT_CHECK(snapshot.point.index <= log_.commit(), "a snapshot holds only what is committed");
  p->become_snapshot(snapshot.point.index);
  p->retained_from = snapshot.point.index;
  send(to, std::move(snapshot));
}

void core::machine::snapshot_finished(node_id to, bool ok) {
  auto* l = leading();
  auto* p = l == nullptr ? nullptr : find(*l, to);
  if (p == nullptr || p->state() != progress_state::snapshot) {
    return;
  }
  if (!ok) {
    p->become_snapshot(log_index{});
  }
  p->become_probe();
  // Arrived: its answer is on the way. Failed: one heartbeat interval passes before the next try.
  p->pause();
}

// ---- what may be forgotten ------------------------------------------------------------------

log_index core::machine::compactable(bool heeds_followers) const {
  if (!configurations_.knows_at(log_.applied())) {
    return log_.base();
  }
  log_index limit = log_.applied();
  const auto* l = std::get_if<leader_state>(&role_);
  if (l == nullptr || !heeds_followers) {
    return limit;
  }
  for (const auto& p : l->followers) {
    // Whoever has been silent for long does not hold up the others: a snapshot will do.
    const bool is_heard = now_ - p.heard_at <= 2ULL * options_.election_timeout_ticks;
    const bool receives_snapshot = p.state() == progress_state::snapshot;
    if (is_heard || receives_snapshot) {
      limit = std::min(limit, receives_snapshot ? p.retained_from : p.match());
    }
  }
  return limit;
}

}  // namespace troupe::raft

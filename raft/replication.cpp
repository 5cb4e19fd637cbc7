// Raft §5.3, the leader's side, and §5.4.2.
#include <algorithm>

#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

namespace {

std::uint64_t size_of(const entries& all) {
  std::uint64_t bytes = 0;
  for (const auto& e : all) {
    bytes += e->size_bytes();
  }
  return bytes;
}

}  // namespace

flight_limits core::machine::flight() const {
  return {.requests_max = options_.append_requests_in_flight_max,
          .bytes_max = options_.append_bytes_in_flight_max};
}

progress* core::machine::find(leader_state& l, node_id id) {
  const auto at = std::find_if(l.followers.begin(), l.followers.end(),
                               [id](const progress& p) { return p.id == id; });
  return at == l.followers.end() ? nullptr : &*at;
}

log_index core::machine::match_of(const leader_state& l, node_id id) const {
  if (id == options_.self) {
    // The leader's own log counts like any other: as far as it is durable (Thesis §10.2.1).
    return log_.stable();
  }
  const auto at = std::find_if(l.followers.begin(), l.followers.end(),
                               [id](const progress& p) { return p.id == id; });
  return at == l.followers.end() ? log_index{} : at->match();
}

// ---- answers --------------------------------------------------------------------------------

void core::machine::receive(const message& m, append_response& r) {
  auto* l = leading();
  auto* p = l == nullptr ? nullptr : find(*l, m.from);
  if (p == nullptr) {
    return;
  }
  p->heard(now_);
  if (r.accepted) {
    accepted(*l, *p, r.matched);
  } else {
    rejected(*p, r);
  }
}

void core::machine::accepted(leader_state& l, progress& p, log_index matched) {
  if (matched > log_.last()) {
    return;
  }
  const bool was_paused = p.is_paused();
  const bool is_news = p.accepted(matched);
  const bool ends_probing = p.state() == progress_state::probe && p.match() == matched;
  if (!is_news && !ends_probing) {
    return;
  }
  if (p.state() == progress_state::probe) {
    p.become_replicate();
  } else if (p.state() == progress_state::replicate) {
    p.free_to(matched);
  } else if (next(p.match()) >= log_.first()) {
    // It got there without the snapshot, or before the host said so.
    p.become_replicate();
  }
  spare_what_all_hold(l);
  const auto before = log_.commit();
  const bool has_committed_more = advance_commit(l);
  const bool has_told = has_committed_more && announce_commit(l, before);
  if (was_paused && !has_told) {
    send_append(p, true);
  }
  send_all(p);
  continue_transfer(l, p);
  if (has_committed_more) {
    after_commit();
  }
}

// Whoever is probed is far behind, or away: what it lacks may come from disk.
void core::machine::spare_what_all_hold(const leader_state& l) {
  auto all_hold = log_index::max();
  for (const auto& p : l.followers) {
    if (p.state() == progress_state::replicate) {
      all_hold = std::min(all_hold, p.match());
    }
  }
  log_.spare_to(all_hold);
}

void core::machine::rejected(progress& p, const append_response& r) {
  log_index hint = r.hint_index;
  if (!r.hint_term.is_none()) {
    // In our log nothing behind this can agree with a follower that has that term there.
    hint = log_.last_not_above(std::min(hint, log_.last()), r.hint_term).first;
  }
  if (!p.rejected(r.rejected_index, hint)) {
    return;
  }
  if (p.state() == progress_state::replicate) {
    p.become_probe();
  }
  send_append(p, true);
}

// A follower that answers, but not the probe, may have lost it. Heartbeats that waited on a broken
// path, one for each round of reads, are answered together once it heals: each would have the same
// entries sent again.
bool core::machine::is_probe_under_way(const progress& p) const {
  return p.state() == progress_state::probe && p.is_paused() &&
         now_ - p.asked_at < options_.heartbeat_ticks;
}

void core::machine::receive(const message& m, heartbeat_response& r) {
  auto* l = leading();
  auto* p = l == nullptr ? nullptr : find(*l, m.from);
  if (p == nullptr) {
    return;
  }
  p->heard(now_);
  if (!is_probe_under_way(*p)) {
    p->resume();
  }
  if (p->match() < log_.last() || p->state() == progress_state::probe) {
    send_append(*p, true);
  }
  if (r.round > p->acked_round && r.round <= reads_.last_started()) {
    p->acked_round = r.round;
    confirm_reads(*l);
  }
  p->has_quiesced = r.quiesced;
  quiesce_if_all_did(*l);
}

void core::machine::unreachable(node_id peer) {
  wake();
  auto* l = leading();
  auto* p = l == nullptr ? nullptr : find(*l, peer);
  if (p != nullptr && p->state() == progress_state::replicate) {
    p->become_probe();
  }
}

bool core::machine::is_quorum_active(const leader_state& l) const {
  votes active;
  active.record(options_.self, true);
  for (const auto& p : l.followers) {
    active.record(p.id, p.recently_active);
  }
  return active.result(peers()) == vote_result::won;
}

// ---- appends --------------------------------------------------------------------------------

bool core::machine::send_append(progress& p, bool even_if_empty) {
  if (p.is_paused() || !p.fetching_from.is_none()) {
    return false;
  }
  const log_index before = previous(p.next_index());
  const auto before_term = log_.term_at(before);
  if (!before_term) {
    want_snapshot(p);
    return false;
  }
  entries batch;
  std::uint64_t bytes = 0;
  const bool is_probe = p.state() == progress_state::probe;
  if (p.next_index() <= log_.last() && (is_probe || !p.in_flight().is_full())) {
    if (log_.is_cached(p.next_index())) {
      batch = log_.slice(p.next_index(), log_.last(), options_.append_bytes_max);
      bytes = size_of(batch);
    } else if (!is_probe) {
      want_fetch(p);
      return false;
    }
  }
  if (batch.empty() && !even_if_empty) {
    return false;
  }
  const auto count = batch.size();
  post_append(p, {before, *before_term, log_.commit(), std::move(batch)}, bytes);
  p.sent(count, bytes);
  p.asked_at = now_;
  return true;
}

void core::machine::send_all(progress& p) {
  bool has_sent = true;
  while (has_sent) {
    has_sent = send_append(p, false);
  }
}

// Within one output, what goes to the same follower and continues its last append joins it: a batch
// of proposals and the commit index that follows them make one message.
void core::machine::post_append(progress& p, append_request r, std::uint64_t bytes) {
  p.told_commit = r.commit;
  if (p.outbox_epoch == output_epoch_) {
    auto& newest = std::get<append_request>(out_.messages[p.outbox_at].body);
    const bool continues = newest.previous_index + newest.entries.size() == r.previous_index;
    if (continues && p.outbox_bytes + bytes <= options_.append_bytes_max) {
      newest.commit = r.commit;
      newest.entries.insert(newest.entries.end(), std::make_move_iterator(r.entries.begin()),
                            std::make_move_iterator(r.entries.end()));
      p.outbox_bytes += bytes;
      return;
    }
  }
  p.outbox_epoch = output_epoch_;
  p.outbox_at = out_.messages.size();
  p.outbox_bytes = bytes;
  send(p.id, std::move(r));
}

void core::machine::broadcast_append(leader_state& l) {
  for (auto& p : l.followers) {
    send_append(p, true);
  }
}

// A follower needs the commit index to apply, and nobody waits for that: it may come with the next
// entries. A change of members is told at once, as who was removed is waiting to know.
bool core::machine::announce_commit(leader_state& l, log_index before) {
  const auto changed_at = configurations_.latest_index();
  const bool has_changed = changed_at > before && changed_at <= log_.commit();
  if (options_.commit_notice_ticks == 0 || has_changed) {
    broadcast_append(l);
    return true;
  }
  if (!l.commit_notice_at) {
    l.commit_notice_at = now_ + options_.commit_notice_ticks;
  }
  return false;
}

void core::machine::tell_of_commit(leader_state& l) {
  l.commit_notice_at.reset();
  for (auto& p : l.followers) {
    if (p.told_commit < log_.commit()) {
      send_append(p, true);
    }
  }
}

void core::machine::broadcast_heartbeat(leader_state& l, read_round round) {
  const bool quiesce = wants_quiescence(l);
  for (auto& p : l.followers) {
    p.has_quiesced = p.has_quiesced && quiesce;
    // A follower must not commit what it may not hold.
    send(p.id,
         heartbeat_request{
             .commit = std::min(p.match(), log_.commit()), .round = round, .quiesce = quiesce});
  }
}

// ---- commit ---------------------------------------------------------------------------------

bool core::machine::advance_commit(leader_state& l) {
  const auto index = agreed<log_index>(peers(), [this, &l](node_id id) { return match_of(l, id); });
  // Raft §5.4.2: an entry of an earlier term commits only beneath one of ours (figure 8).
  if (index <= log_.commit() || !log_.holds(index, hard_.term)) {
    return false;
  }
  commit_to(index);
  l.has_committed = true;
  return true;
}

void core::machine::after_commit() {
  if (configurations_.latest_index() > log_.commit()) {
    return;
  }
  if (peers().is_voter(options_.self)) {
    leave_joint_phase(*leading());
  } else if (options_.step_down_on_removal) {
    // Thesis §4.2.2: it led the group until the configuration without it was committed. §3.10: the
    // others need not find out by its silence.
    name_successor(*leading());
    become_follower(hard_.term, node_id{});
  }
}

}  // namespace troupe::raft

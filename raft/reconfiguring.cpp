// Membership changes, and configurations coming into force (Thesis §4).
#include <algorithm>
#include <utility>

#include "raft/machine.hpp"

namespace troupe::raft {

std::optional<refusal> core::machine::refuse_change(const configuration_change& change) {
  auto& l = *leading();
  // Thesis §4.1, corrected in 2015: without the first condition two leaders, each unaware of the
  // other's uncommitted change, could decide by majorities that do not meet.
  if (!l.has_committed || configurations_.latest_index() > log_.commit()) {
    return refuse(refusal_code::change_pending);
  }
  for (const auto& c : change.changes) {
    const bool is_promotion = c.kind == change_kind::add_voter && peers().is_learner(c.id);
    if (!is_promotion || c.id == options_.self) {
      continue;
    }
    // Thesis §4.2.1: a voter that lags far behind could hold up every commit; in a short log, one
    // that never answered does.
    const log_index match = find(l, c.id)->match();
    if (match.is_none() || match + options_.promotion_lag_max < log_.commit()) {
      return refuse(refusal_code::not_caught_up);
    }
  }
  return std::nullopt;
}

expected<proposed, refusal> core::machine::propose_configuration(const configuration_change& change,
                                                                 std::optional<term> expected) {
  auto refused = refuse_proposal(expected);
  if (!refused) {
    refused = refuse_change(change);
  }
  if (refused) {
    return unexpected{std::move(*refused)};
  }
  auto target = next_configuration(peers(), change);
  if (!target) {
    auto invalid = refuse(refusal_code::invalid_change);
    invalid.why = target.error();
    return unexpected{std::move(invalid)};
  }
  disturb();
  append_own(entry_type::configuration, change.context, std::move(*target));
  broadcast_append(*leading());
  return proposed{.term = hard_.term, .first = log_.last(), .last = log_.last()};
}

// Thesis §4.3: once the joint configuration is committed, the one that follows it may be proposed.
void core::machine::leave_joint_phase(leader_state& l) {
  const bool is_due = peers().is_joint() && peers().auto_leave && l.has_committed &&
                      configurations_.latest_index() <= log_.commit();
  if (is_due && l.transferee.is_none()) {
    append_own(entry_type::configuration, {}, leave_joint(peers()));
    broadcast_append(l);
  }
}

void core::machine::configuration_changed() {
  auto* l = leading();
  if (l == nullptr) {
    return;
  }
  std::vector<progress> followers;
  for (const node_id id : peers().members()) {
    if (id == options_.self) {
      continue;
    }
    if (auto* known = find(*l, id)) {
      followers.push_back(std::move(*known));
    } else {
      followers.emplace_back(id, std::max(log_.last(), log_index{1}), flight());
      // It had no chance to answer yet: that must not count against the leader.
      followers.back().heard(now_);
    }
    followers.back().is_learner = !peers().is_voter(id);
  }
  l->followers = std::move(followers);
  if (!l->transferee.is_none() && !peers().is_voter(l->transferee)) {
    abort_transfer(*l);
  }
  // Whose answer a read round lacked may be gone, and nobody else answers a round twice.
  confirm_reads(*l);
}

}  // namespace troupe::raft

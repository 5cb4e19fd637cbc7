// Entries that a leader adds to its log, and configurations coming into force (Thesis §4.1).
#include <algorithm>

#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

expected<proposed, refusal> core::machine::propose(std::span<const bytes> commands,
                                                   std::optional<term> expected_term) {
  auto* l = leading();
  if (l == nullptr || !peers().contains(options_.self)) {
    return unexpected{refuse(refusal_code::not_leader)};
  }
  if (expected_term && *expected_term != hard_.term) {
    return unexpected{refuse(refusal_code::term_mismatch)};
  }
  if (!l->transferee.is_none()) {
    return unexpected{refuse(refusal_code::transferring)};
  }
  std::uint64_t bytes_wanted = 0;
  for (const auto& c : commands) {
    const auto size = c.size() + entry_overhead_bytes;
    if (size > options_.append_bytes_in_flight_max) {
      return unexpected{refuse(refusal_code::too_large)};
    }
    bytes_wanted += size;
  }
  const auto uncommitted = log_.uncommitted_bytes();
  if (uncommitted > 0 && uncommitted + bytes_wanted > options_.uncommitted_bytes_max) {
    return unexpected{refuse(refusal_code::overloaded)};
  }
  const log_index first = next(log_.last());
  for (const auto& c : commands) {
    append_own(entry_type::data, c, std::nullopt);
  }
  if (!commands.empty()) {
    broadcast_append(*l);
  }
  return proposed{.term = hard_.term, .first = first, .last = log_.last()};
}

void core::machine::append_own(entry_type type, bytes data, std::optional<configuration> peers) {
  append_entry(std::make_shared<const entry>(entry{.term = hard_.term,
                                                   .index = next(log_.last()),
                                                   .type = type,
                                                   .data = std::move(data),
                                                   .peers = std::move(peers),
                                                   .checksum = 0}));
}

void core::machine::append_entry(entry_ptr e) {
  const entry& appended = *e;  // the log holds it from here on
  log_.append(std::move(e));
  if (appended.type == entry_type::configuration) {
    configurations_.append(appended.index, *appended.peers);
    configuration_changed();
  }
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
      followers.back().recently_active = true;
    }
    followers.back().is_learner = !peers().is_voter(id);
  }
  l->followers = std::move(followers);
  if (!l->transferee.is_none() && !peers().is_voter(l->transferee)) {
    abort_transfer(*l);
  }
}

}  // namespace troupe::raft

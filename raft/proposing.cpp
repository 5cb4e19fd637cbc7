// Entries that a leader adds to its log.
#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

std::optional<refusal> core::machine::refuse_proposal(std::optional<term> expected) const {
  const auto* l = std::get_if<leader_state>(&role_);
  if (l == nullptr) {
    return refuse(refusal_code::not_leader);
  }
  if (!peers().contains(options_.self)) {
    // It leads until its own removal is committed, but knows nobody who would take this.
    auto refused = refuse(refusal_code::not_leader);
    refused.leader = node_id{};
    return refused;
  }
  if (expected && *expected != hard_.term) {
    return refuse(refusal_code::term_mismatch);
  }
  if (!l->transferee.is_none() || is_storage_stalled_) {
    // It would wait here, and its caller with it, when it could go to the next leader.
    return refuse(refusal_code::transferring);
  }
  return std::nullopt;
}

expected<proposed, refusal> core::machine::propose(std::span<const bytes> commands,
                                                   std::optional<term> expected_term,
                                                   entry_type type) {
  RAFT_CHECK(type == entry_type::data || type == entry_type::session, "only commands are proposed");
  if (auto refused = refuse_proposal(expected_term)) {
    return unexpected{std::move(*refused)};
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
    append_own(type, c, std::nullopt);
  }
  if (!commands.empty()) {
    disturb();
    broadcast_append(*leading());
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

}  // namespace troupe::raft

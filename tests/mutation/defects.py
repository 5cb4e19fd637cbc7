"""The planted defects: mistakes that others made or that are near, each as changes to the source.

A change is (file, original, replacement); PLANTED in the replacement asks whether it is on.
"""

import collections

Defect = collections.namedtuple("Defect", "name says changes")

# A member waits for ever only where several rare things met: tens of thousands of seeds found each
# of these once, 2,000 need not. A case in tests/raft finds each.
RARE = {"round_waits_for_removed", "stale_candidate_not_told"}

DEFECTS = [
    Defect("vote_not_persisted", "a restart forgets for whom the member voted", [
        ("raft/effects.cpp", "    w.hard = hard_;\n",
         "    w.hard = hard_;\n    if (PLANTED) w.hard->vote = {};\n")]),
    Defect("reply_before_durable", "promises leave before what they rest on is synced", [
        ("raft/effects.cpp", "auto& where = is_all_durable() ?",
         "auto& where = PLANTED || is_all_durable() ?")]),
    Defect("commit_not_awaited", "a follower does not await the write of what is committed", [
        ("raft/effects.cpp", "log_.commit() > log_.stable());",
         "(!PLANTED && log_.commit() > log_.stable()));")]),
    Defect("commits_older_terms", "entries of older terms commit by counting (figure 8)", [
        ("raft/replication.cpp", "|| !log_.holds(index, hard_.term))",
         "|| (!PLANTED && !log_.holds(index, hard_.term)))")]),
    Defect("truncates_on_match", "entries that agree are truncated and appended again", [
        ("raft/following.cpp", "return !log_.holds(e->index, e->term);",
         "return PLANTED || !log_.holds(e->index, e->term);")]),
    Defect("counts_itself_before_stable", "the leader counts its own log before it is synced", [
        ("raft/replication.cpp", "    return log_.stable();\n",
         "    return PLANTED ? log_.last() : log_.stable();\n")]),
    Defect("votes_for_shorter_log", "a vote goes to a candidate whose log lacks entries", [
        ("raft/election.cpp", "is_free && log_.is_matched_by(r.last_index, r.last_term);",
         "is_free && (PLANTED || log_.is_matched_by(r.last_index, r.last_term));")]),
    Defect("votes_twice", "a second candidate of the same term gets the vote, too", [
        ("raft/election.cpp", "(hard_.vote.is_none() && soft_.leader.is_none())",
         "((PLANTED || hard_.vote.is_none()) && soft_.leader.is_none())")]),
    Defect("pre_vote_adopts_term", "a pre-vote's term is entered before anybody campaigned in it", [
        ("raft/machine.cpp", "  if (is_of_pre_vote) {\n",
         "  if (is_of_pre_vote && !PLANTED) {\n")]),
    Defect("commits_beyond_verified", "an append's commit index counts behind what it verified", [
        ("raft/following.cpp", "commit_to(std::min(r.commit, verified));",
         "commit_to(std::min(r.commit, PLANTED ? log_.last() : verified));")]),
    Defect("heartbeat_commit_uncapped", "a heartbeat commits what the follower may not have", [
        ("raft/replication.cpp", ".commit = std::min(p.match(), log_.commit())",
         ".commit = PLANTED ? log_.commit() : std::min(p.match(), log_.commit())")]),
    Defect("late_notice_vouches", "the notice of a write that was truncated makes entries stable", [
        ("raft/log.cpp", "    w.last = std::min(w.last, index);\n",
         "    if (!PLANTED) w.last = std::min(w.last, index);\n")]),
    Defect("stable_not_rolled_back", "truncation leaves the durable index where it was", [
        ("raft/log.cpp", "  stable_ = std::min(stable_, index);\n",
         "  if (!PLANTED) stable_ = std::min(stable_, index);\n")]),
    Defect("applies_before_stable", "entries are applied that the own disk may lose", [
        ("raft/log.hpp", "return std::min(commit_, stable_);",
         "return PLANTED ? commit_ : std::min(commit_, stable_);")]),
    Defect("reads_before_own_commit", "a new leader serves reads before its no-op is committed", [
        ("raft/reading.cpp", "l->has_committed && reads_.wants_round()",
         "(PLANTED || l->has_committed) && reads_.wants_round()")]),
    Defect("any_answer_confirms_reads", "an answer to an old round confirms newer reads", [
        ("raft/replication.cpp", "    p->acked_round = r.round;\n",
         "    p->acked_round = PLANTED ? reads_.last_started() : r.round;\n")]),
    Defect("lease_survives_transfer", "a leader that hands over goes on serving by its lease", [
        ("raft/reading.cpp", "l.transferee.is_none() && !l.has_sent_timeout_now",
         "(PLANTED || (l.transferee.is_none() && !l.has_sent_timeout_now))")]),
    Defect("lease_too_long", "a lease outlives the followers' promises", [
        ("raft/reading.cpp",
         "return options_.election_timeout_ticks - options_.election_timeout_ticks / 8 - 1;",
         "return PLANTED ? 3 * options_.election_timeout_ticks\n"
         "                 : options_.election_timeout_ticks -\n"
         "                       options_.election_timeout_ticks / 8 - 1;")]),
    Defect("restart_forgets_lease", "a restarted member votes although it confirmed a lease", [
        ("raft/machine.cpp", "trusts_leases() && options_.restart_grace &&",
         "!PLANTED && trusts_leases() && options_.restart_grace &&")]),
    Defect("configuration_not_rolled_back", "truncation leaves a configuration in force", [
        ("raft/following.cpp", "  if (configurations_.truncate_from(index)) {\n",
         "  if (!PLANTED && configurations_.truncate_from(index)) {\n")]),
    Defect("joint_counts_one_half", "in the joint phase only the incoming voters count", [
        ("raft/quorum.hpp", "  if (!peers.is_joint()) {\n",
         "  if (PLANTED || !peers.is_joint()) {\n"),
        ("raft/quorum.cpp", "const auto outgoing = result(std::span{peers.outgoing});",
         "const auto outgoing = PLANTED ? incoming : result(std::span{peers.outgoing});")]),
    Defect("learner_counted", "learners count for the commit index", [
        ("raft/quorum.hpp",
         "  const auto incoming = agreed_by_majority<Value>(std::span{peers.voters}, reached);\n",
         "  const auto counted = PLANTED ? peers.members() : peers.voters;\n"
         "  const auto incoming =\n"
         "      agreed_by_majority<Value>(std::span<const node_id>{counted}, reached);\n")]),
    Defect("change_before_own_commit", "a leader changes members before its no-op is committed", [
        ("raft/reconfiguring.cpp", "  if (!l.has_committed ||",
         "  if ((!PLANTED && !l.has_committed) ||")]),
    Defect("two_changes_at_once", "a change begins before the one before it is committed", [
        ("raft/reconfiguring.cpp",
         "|| configurations_.latest_index() > log_.commit()) {\n    return refuse",
         "|| (!PLANTED && configurations_.latest_index() > log_.commit())) {\n    return refuse")]),
    Defect("leader_stays_after_removal", "a leader that was removed goes on leading", [
        ("raft/replication.cpp", "} else if (options_.step_down_on_removal) {",
         "} else if (options_.step_down_on_removal && !PLANTED) {")]),
    Defect("snapshot_keeps_conflicting_log", "a snapshot commits a log that differs from it", [
        ("raft/following.cpp", "if (log_.holds(point.index, point.term)) {",
         "if (log_.holds(point.index, point.term) || (PLANTED && log_.last() >= point.index)) {")]),
    Defect("snapshot_with_uncommitted_members", "a snapshot holds a configuration not yet chosen", [
        ("tests/simulation/copying.cpp", "  raft::install_snapshot s{.point = state.point(),",
         "  auto point = state.point();\n  if (PLANTED) point.peers = m.core->status().peers;\n"
         "  raft::install_snapshot s{.point = point,")]),
    Defect("snapshot_term_forgotten", "the term at the snapshot's index is not known", [
        ("raft/term_runs.cpp", "  if (index == base_) {\n    return base_term_;",
         "  if (PLANTED && index == base_ && index.value() > 0) return std::nullopt;\n"
         "  if (index == base_) {\n    return base_term_;")]),
    Defect("stamped_with_new_term", "a proposal of an earlier leadership is taken in a later one", [
        ("raft/proposing.cpp", "if (expected && *expected != hard_.term) {",
         "if (!PLANTED && expected && *expected != hard_.term) {")]),
    Defect("round_waits_for_removed", "a read round waits for a member that was removed", [
        ("raft/reconfiguring.cpp", "  confirm_reads(*l);\n",
         "  if (!PLANTED) confirm_reads(*l);\n")]),
    Defect("hopeless_candidate_postpones", "any request for a vote puts an election off", [
        ("raft/machine.cpp", "  election_elapsed_ = waited;\n  randomised_timeout_ = timeout;\n",
         "  if (!PLANTED) {\n    election_elapsed_ = waited;\n    randomised_timeout_ = timeout;\n"
         "  }\n")]),
    Defect("stale_leader_not_told", "a leader of an older term gets no answer", [
        ("raft/machine.cpp", "  if (is_from_leader) {\n    // Raft figure 2",
         "  if (is_from_leader && !PLANTED) {\n    // Raft figure 2")]),
    Defect("stale_candidate_not_told", "a candidate of an older term gets no answer", [
        ("raft/machine.cpp", "  } else if (asked != nullptr) {\n    // Raft figure 2",
         "  } else if (asked != nullptr && (!PLANTED || asked->pre_vote)) {\n"
         "    // Raft figure 2")]),
    Defect("applied_index_not_atomic", "a crash loses the applied index and keeps the data", [
        ("tests/simulation/storage.cpp", "  since_.resize(kept);\n",
         "  if (PLANTED) {\n    since_.clear();\n"
         "    now_ = replicated_state::imported(now_.exported(), flushed_.point());\n"
         "    return lost;\n  }\n  since_.resize(kept);\n")]),
    Defect("compacted_before_flushed", "the log is dropped before the state is durable", [
        ("tests/simulation/applying.cpp", "  m.state.flush();\n",
         "  if (!PLANTED) m.state.flush();\n"),
        ("tests/simulation/applying.cpp", "  auto target = m.state.flushed().applied();\n",
         "  auto target = PLANTED ? m.state.now().applied() : m.state.flushed().applied();\n")]),
    Defect("session_answer_not_stored", "a session knows the command but not its answer", [
        ("persistence/sessions.cpp",
         "  records_.put(key_of(\"sa\", h.client, h.sequence), encode_answer(kept));\n",
         "  if (PLANTED) kept.text = std::string(8, '\\0');\n"
         "  records_.put(key_of(\"sa\", h.client, h.sequence), encode_answer(kept));\n")]),
    Defect("retry_applied_twice", "a retry takes effect again", [
        ("persistence/sessions.cpp", "  const bool is_stored =\n",
         "  const bool is_stored = !PLANTED &&\n")]),
    Defect("acknowledged_applied_again", "a late command below what was acknowledged is applied", [
        ("persistence/sessions.cpp", "!is_stored && h.sequence >= r->acked &&",
         "!is_stored && (PLANTED || h.sequence >= r->acked) &&")]),
    Defect("sessions_lost_in_snapshot", "a snapshot does not hold the sessions", [
        ("tests/simulation/replicated_state.cpp", "  while (!text.empty()) {\n",
         "  while (!PLANTED && !text.empty()) {\n")]),
    Defect("wiped_node_accepted", "a node that lost its disks takes part under its old id", [
        ("tests/simulation/carrying.cpp", "  return disk_marks_[from.id.value()] !=",
         "  if (PLANTED) return false;\n  return disk_marks_[from.id.value()] !=")]),
]

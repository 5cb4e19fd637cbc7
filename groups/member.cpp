#include "groups/member.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/fsm_caller.hpp"
#include "actors/replicator.hpp"
#include "codec/session_codec.hpp"
#include "groups/leader_preference.hpp"

namespace troupe::groups {

using actors::send;

namespace {

/// From then on the core's own timers decide.
constexpr std::uint32_t campaigns_max = 3;

raft::core_options options_for(const node_facts& facts, const group_spec& spec) {
  auto o = facts.core;
  o.self = facts.self;
  o.election_timeout_ticks = facts.election_timeout_ticks;
  o.heartbeat_ticks = facts.heartbeat_ticks;
  o.election_priority = facts.election_priority;
  o.quiesce_after_ticks = facts.quiesce_after_ticks;
  o.commit_notice_ticks = spec.followers_may_lag ? 1 : 0;
  o.reads = facts.reads;
  o.seed = facts.seed ^ (spec.id.value() * 0x9e3779b97f4a7c15ULL) ^ facts.self.value();
  return o;
}

std::uint64_t milliseconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

void member::configure(services node, group_spec spec, role_host host) {
  node_ = std::move(node);
  spec_ = std::move(spec);
  host_ = std::move(host);
}

/// From now on the role and this member end together.
void member::keep(const char* role, const caf::actor& who) {
  host_->link(who);
  node_.roles->add(role, who);
}

/// The role ends, and this member goes on.
void member::release(const caf::actor& role) {
  host_->unlink(role);
  actors::stop(role);
}

void member::begin(actors::loaded_member loaded, clock::time_point now) {
  auto& system = *host_->system;
  applied_ = loaded.state->applied;
  follow_book(*loaded.data);
  log_bytes_ = loaded.log_bytes;
  core_.emplace(options_for(*node_.facts, spec_), std::move(*loaded.state));
  ticks_.emplace(now, node_.facts->tick);
  proposal_times_.emplace(node_.figures->stages);
  const actors::member_actor self = host_->self;
  processor_ = spec_.make_processor(system, loaded.data);
  fsm_caller_ =
      actors::spawn_fsm_caller(system, {self, *processor_, node_.ticker, loaded.data, node_.fatal});
  timer_ = actors::spawn_election_timer(system, node_.ticker, self);
  keep("processor", caf::actor_cast<caf::actor>(*processor_));
  keep("fsm_caller", caf::actor_cast<caf::actor>(*fsm_caller_));
  keep("election_timer", caf::actor_cast<caf::actor>(*timer_));
  campaign_soon(now);
  rearm();
}

void member::advance(clock::time_point now) {
  hear_of_storage();
  const bool is_stalled = is_disk_stalled(now);
  makes_way_ = makes_way_ && is_stalled;
  core_->storage_stalled(is_stalled);
  if (const auto ticks = ticks_->elapsed(now); ticks > 0) core_->tick(ticks);
}

void member::arrived(actors::peer_messages& m) {
  for (auto& message : m.messages) core_->step(std::move(message));
}

void member::query(query_request&& r) {
  if (r.consistency == consistency::linearizable) {
    queries_.push_back(std::move(r));
    return;
  }
  actors::serve_queries now;
  now.queries.push_back({std::move(r.request), r.deadline, std::move(r.done)});
  send(*fsm_caller_, std::move(now));
}

// ---- requests ----------------------------------------------------------------------------------

void member::propose_collected(clock::time_point now) {
  std::vector<propose_request> together;
  for (auto& r : std::exchange(proposals_, {})) {
    // An old leader's proposal is never stamped with a later term: it goes to the core by itself.
    // The others go together, in the order they came.
    const bool joins = !together.empty() && !r.expected_term && !together.back().expected_term &&
                       together.back().in_session == r.in_session;
    if (!joins && !together.empty()) propose_together(std::exchange(together, {}), now);
    together.push_back(std::move(r));
  }
  if (!together.empty()) propose_together(std::move(together), now);
}

void member::propose_together(std::vector<propose_request> batch, clock::time_point now) {
  std::vector<raft::bytes> commands;
  commands.reserve(batch.size());
  const bool in_session = batch.front().in_session;
  const auto now_ms = in_session ? milliseconds_since_1970() : 0;
  for (const auto& r : batch) {
    commands.push_back(in_session ? codec::stamped(r.command, now_ms) : r.command);
  }
  const auto at = core_->propose(commands, batch.front().expected_term,
                                 in_session ? raft::entry_type::session : raft::entry_type::data);
  if (at) return accept(batch, *at, now);
  const auto code = at.error().code;
  const bool too_much =
      code == raft::refusal_code::overloaded || code == raft::refusal_code::too_large;
  if (too_much && batch.size() > 1) {
    // The batch does not fit as a whole: what fits of it is taken.
    const auto middle = batch.begin() + static_cast<long>(batch.size() / 2);
    std::vector<propose_request> tail(std::make_move_iterator(middle),
                                      std::make_move_iterator(batch.end()));
    batch.erase(middle, batch.end());
    propose_together(std::move(batch), now);
    return propose_together(std::move(tail), now);
  }
  for (auto& r : batch) decline(std::move(r), at.error());
}

void member::accept(std::vector<propose_request>& batch, const raft::proposed& at,
                    clock::time_point now) {
  static const auto restarted = std::make_shared<const error>(
      error{error_code::outcome_unknown, "the member was restarted", {}});
  taken(batch, at.last, now);
  actors::expect_applied expected{at.first, at.term, {}};
  expected.proposals.reserve(batch.size());
  for (auto& r : batch) {
    r.done->if_dropped(restarted);
    expected.proposals.push_back({r.deadline, std::move(r.done)});
  }
  send(*fsm_caller_, std::move(expected));
}

void member::decline(propose_request&& r, const raft::refusal& why) {
  switch (why.code) {
    case raft::refusal_code::term_mismatch:
      return r.done->fail(error_code::term_mismatch,
                          "expected term " + to_string(*r.expected_term) + " but the leader's is " +
                              to_string(why.term));
    case raft::refusal_code::too_large:
      return r.done->fail(error_code::too_large, "the command has " +
                                                     std::to_string(r.command.size()) +
                                                     " bytes, more than a group takes");
    case raft::refusal_code::overloaded:
      return r.done->fail(error_code::overloaded,
                          "group '" + spec_.name + "' has too much uncommitted data");
    default:
      break;
  }
  if (r.may_forward) {
    const auto leader = why.code == raft::refusal_code::not_leader ? why.leader : raft::node_id{};
    return send(node_.forwarder, forward_proposal{spec_.name, leader, std::move(r)});
  }
  const auto address = node_.facts->address_of(why.leader);
  if (address.empty() || why.leader == node_.facts->self) {
    return r.done->fail(error_code::no_leader, "group '" + spec_.name + "' has no leader");
  }
  r.done->fail(error_code::not_leader, "this node does not lead '" + spec_.name + "'", address);
}

void member::refuse_while_loading(propose_request&& r) {
  decline(std::move(r), raft::refusal{});
}

void member::refuse_while_loading(query_request&& r) {
  send(node_.forwarder, retry_query{spec_.name, std::move(r)});
}

void member::read_collected() {
  if (queries_.empty()) return;
  const raft::read_id id{next_read_++};
  auto& waiting = reads_[id] = std::exchange(queries_, {});
  if (core_->read(id)) return;
  for (auto& q : waiting) send(node_.forwarder, retry_query{spec_.name, std::move(q)});
  reads_.erase(id);
}

void member::ask_when_caught_up() {
  if (caught_up_at_ || !catch_up_read_.is_none() || core_->soft().leader.is_none()) return;
  const raft::read_id id{next_read_++};
  if (core_->read(id)) catch_up_read_ = id;
}

// ---- effects -----------------------------------------------------------------------------------

void member::peer_lost(raft::node_id peer, clock::time_point now) {
  core_->unreachable(peer);
  // Also said when a link comes up. A group that has no leader need not wait for its timeout then.
  if (core_->soft().leader.is_none()) campaign_soon(now);
}

/// A leader whose process has ended closes its connections: there is no need to wait for its
/// silence.
void member::peer_gone(raft::node_id peer, clock::time_point now) {
  const bool has_led = core_->soft().leader == peer;
  if (has_led) core_->forget_leader();
  if (newest_leader_ == peer && core_->soft().leader.is_none()) newest_leader_gone_ = true;
  if (has_led) campaign_soon(now, peer);
}

/// One after the other: who should lead first hardly waits, the next ones until it would have won.
/// Groups that lost their leaders together spread over a heartbeat. The pre-vote keeps a needless
/// campaign harmless.
void member::campaign_soon(clock::time_point now, raft::node_id gone) {
  const auto& facts = *node_.facts;
  const auto rank = leading_rank(spec_.id, core_->peers(), facts.self, gone);
  const auto heartbeat = facts.tick * facts.heartbeat_ticks;
  const auto timeout = facts.tick * facts.election_timeout_ticks;
  const auto turn = facts.tick * (1 + spec_.id.value() % facts.heartbeat_ticks);
  const auto yields = (priority_of_leaders - facts.election_priority) * timeout;
  if (!gone.is_none()) return campaign_at(now + turn + rank * 2 * heartbeat + yields);
  // Nothing says that the leader is gone: if it lives it is heard within a heartbeat. Where a whole
  // cluster starts, others may take long to load.
  campaign_at(now + heartbeat + turn + rank * timeout / 2 + yields);
}

void member::campaign_at(clock::time_point when) {
  orphaned_until_ = std::min(orphaned_until_, when);
}

void member::campaign_if_orphaned(clock::time_point now) {
  if (!core_->soft().leader.is_none()) {
    orphaned_until_ = clock::time_point::max();
    campaigns_ = 0;
  }
  if (now < orphaned_until_) return;
  orphaned_until_ = clock::time_point::max();
  // A candidate's votes may be on their way.
  if (core_->soft().role != raft::role::candidate) core_->campaign();
  // Who did not know yet that the leader is gone has not answered: it is asked again, long before
  // the election timeout, but ever less often.
  if (++campaigns_ < campaigns_max) {
    campaign_at(now + (3U << campaigns_) * node_.facts->heartbeat_ticks * node_.facts->tick / 2);
  }
}

void member::flush(clock::time_point now) {
  campaign_if_orphaned(now);
  propose_collected(now);
  read_collected();
  ask_when_caught_up();
  do {
    if (!carry_out(now)) return;
  } while (!wait_for_storage());
  fresh_snapshot_.reset();
  measure(now);
  rearm();
}

/// False: this life of the member ends.
bool member::carry_out(clock::time_point now) {
  while (core_->has_output()) {
    auto out = core_->take_output();
    if (out.soft) role_changed(*out.soft);
    // Appends leave before the local write: the leader persists in parallel (thesis §10.2.1).
    send_messages(std::move(out.messages));
    if (out.write && out.write->snapshot) {
      install(*out.write->snapshot);
      return false;
    }
    if (out.write) write(std::move(*out.write), now);
    fetch(out.fetches);
    want_snapshots(out.snapshots);
    if (!out.committed.empty()) send(*fsm_caller_, actors::committed{std::move(out.committed)});
    serve_reads(out.reads);
    retry_reads(out.reads_failed);
    if (out.makes_way_to) make_way(*out.makes_way_to, now);
  }
  return true;
}

void member::send_messages(std::vector<raft::message>&& messages) {
  std::map<raft::node_id, actors::replicate> appends;
  std::map<raft::node_id, std::vector<raft::message>> others;
  for (auto& m : messages) {
    if (std::holds_alternative<raft::install_snapshot>(m.body)) {
      send_snapshot(std::move(m));
      continue;
    }
    const bool is_append = std::holds_alternative<raft::append_request>(m.body);
    auto& queue = is_append ? appends[m.to].messages : others[m.to];
    queue.push_back(std::move(m));
  }
  for (auto& [peer, job] : appends) send(replicator_for(peer), std::move(job));
  for (auto& [peer, out] : others) {
    node_.links->send(peer, actors::outbound{spec_.id, std::move(out)});
  }
}

actors::replicator_actor& member::replicator_for(raft::node_id peer) {
  const auto found = replicators_.find(peer);
  if (found != replicators_.end()) return found->second;
  auto fresh = actors::spawn_replicator(
      *host_->system, {spec_.id, peer, node_.links, node_.log_reader, host_->self,
                       [figures = node_.figures](auto took) { figures->stages.encode.add(took); }});
  keep("replicator", caf::actor_cast<caf::actor>(fresh));
  return replicators_.emplace(peer, std::move(fresh)).first->second;
}

void member::fetch(const std::vector<raft::fetch>& wanted) {
  for (const auto& f : wanted) {
    if (f.purpose == raft::fetch_purpose::replicate) {
      if (core_->soft().role != raft::role::leader) continue;  // stepped down within this output
      send(replicator_for(f.to), f);
    } else {
      send(node_.log_reader, actors::fetch_job{spec_.id, f, host_->self});
    }
  }
}

void member::serve_reads(const std::vector<raft::read_ready>& ready) {
  for (const auto& r : ready) {
    if (r.id == catch_up_read_) {
      caught_up_at_ = r.index;
      continue;
    }
    const auto found = reads_.find(r.id);
    if (found == reads_.end()) continue;
    actors::serve_queries job{r.index, {}};
    for (auto& q : found->second) {
      job.queries.push_back({std::move(q.request), q.deadline, std::move(q.done)});
    }
    reads_.erase(found);
    send(*fsm_caller_, std::move(job));
  }
}

void member::retry_reads(const std::vector<raft::read_id>& failed) {
  for (const auto id : failed) {
    if (id == catch_up_read_) catch_up_read_ = {};
    const auto found = reads_.find(id);
    if (found == reads_.end()) continue;
    for (auto& q : found->second) send(node_.forwarder, retry_query{spec_.name, std::move(q)});
    reads_.erase(found);
  }
}

void member::role_changed(const raft::soft_state& soft) {
  const bool leads = soft.role == raft::role::leader;
  if (!leads && std::exchange(makes_way_, false)) ++node_.figures->made_way;
  if (leads) {
    spdlog::info("group {}: this node leads in term {}", spec_.name, to_string(soft.term));
  } else {
    for (auto& [peer, replicator] : std::exchange(replicators_, {})) {
      release(caf::actor_cast<caf::actor>(replicator));
    }
    stop_sending_snapshots();
    proposal_times_->forget();
    if (!soft.leader.is_none()) {
      spdlog::debug("group {}: node {} leads in term {}", spec_.name, to_string(soft.leader),
                    to_string(soft.term));
    }
  }
  if (!soft.leader.is_none()) tell_of_leader(soft.leader);
  if (!soft.leader.is_none() && !std::exchange(has_settled_, true)) {
    send(node_.registry, group_settled{spec_.id});
  }
  actors::leadership told;
  told.state.group = spec_.name;
  told.state.node = node_.facts->self;
  told.state.term = soft.term;
  told.state.is_leader = leads;
  if (const auto address = node_.facts->address_of(soft.leader); !address.empty()) {
    told.state.leader_address = address;
  }
  send(*fsm_caller_, std::move(told));
}

void member::rearm() {
  const auto deadline = std::min(ticks_->after(core_->ticks_until_due()), orphaned_until_);
  if (deadline >= armed_) return;
  armed_ = deadline;
  send(*timer_, actors::arm{deadline});
}

}  // namespace troupe::groups

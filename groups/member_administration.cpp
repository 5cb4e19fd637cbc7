// What operators ask of a member: its state, leadership elsewhere, other members.
#include <spdlog/spdlog.h>

#include <chrono>

#include "actors/fsm_caller.hpp"
#include "groups/address.hpp"
#include "groups/member.hpp"

namespace troupe::groups {

using actors::send;

// ---- leadership --------------------------------------------------------------------------------

void member::transfer(transfer_request&& r) {
  const auto asked = core_->transfer_leadership(r.to);
  if (!asked) return refuse_transfer(std::move(r), asked.error());
  r.done->answer(response{});
}

void member::refuse_transfer(transfer_request&& r, const raft::refusal& why) {
  switch (why.code) {
    case raft::refusal_code::not_leader:
      if (r.may_forward) {
        return send(node_.forwarder, forward_transfer{spec_.name, why.leader, std::move(r)});
      }
      return r.done->fail(error_code::not_leader, "this node does not lead '" + spec_.name + "'",
                          node_.facts->address_of(why.leader));
    case raft::refusal_code::unknown_peer:
      return r.done->fail(
          error_code::unknown_peer,
          "node " + to_string(r.to) + " is no member of group '" + spec_.name + "'");
    case raft::refusal_code::not_a_voter:
      return r.done->fail(error_code::invalid_argument,
                          "node " + to_string(r.to) + " is a learner: it cannot lead");
    default:
      return r.done->fail(error_code::overloaded, "another transfer or change is under way");
  }
}

void member::refuse_while_loading(transfer_request&& r) {
  refuse_transfer(std::move(r), raft::refusal{});
}

/// Who was asked before and lost touch, or its leadership, may never answer.
void member::tell_of_leader(raft::node_id leader) {
  const auto former = std::exchange(newest_leader_, leader);
  const bool is_gone = std::exchange(newest_leader_gone_, false);
  if (former.is_none() || former == leader) return;
  send(node_.forwarder, leader_changed{spec_.name, leader, is_gone});
}

// ---- members -----------------------------------------------------------------------------------

namespace {

std::uint64_t microseconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

codec::member_record& record_of(codec::address_book& book, raft::node_id id) {
  return *std::find_if(book.begin(), book.end(), [id](const auto& m) { return m.id == id; });
}

}  // namespace

/// What speaks against one change, seen from the present members. Only who is added comes with an
/// address: by it "add" differs from "promote" and "demote".
error member::objection_to(const codec::wanted_change& c) const {
  const auto& peers = core_->peers();
  const auto who = "node " + to_string(c.id);
  if (c.address.empty() && !peers.contains(c.id)) {
    return {error_code::unknown_peer, who + " is no member of group '" + spec_.name + "'", {}};
  }
  const bool adds_learner = c.kind == raft::change_kind::add_learner && !c.address.empty();
  if (adds_learner && peers.is_voter(c.id)) {
    return {error_code::invalid_argument,
            "changes: " + who + " votes in group '" + spec_.name + "' already; demote it, if meant",
            {}};
  }
  return {};
}

/// The records that the new configuration's entry carries; or why the change makes no sense.
raft::expected<codec::address_book, std::string> member::book_after(
    const codec::membership_request& wanted, const std::vector<raft::node_id>& members) const {
  const auto& nodes = *node_.facts->nodes;
  auto book = nodes.book_of(members);
  for (const auto& c : wanted.changes) {
    const auto who = "node " + to_string(c.id);
    if (!c.address.empty() && !split_address(c.address)) {
      return raft::unexpected("address: '" + c.address + "' of " + who + " is not host:port");
    }
    if (c.kind == raft::change_kind::remove || c.kind == raft::change_kind::update) continue;
    auto& record = record_of(book, c.id);
    if (nodes.contains(c.id)) {
      if (c.address.empty() || c.address == record.address) continue;
      return raft::unexpected("address: " + who + " is known at " + record.address + ", not at " +
                              c.address);
    }
    if (c.address.empty())
      return raft::unexpected("address: " + who + " is unknown, give host:port");
    record = {c.id, c.address, microseconds_since_1970()};
  }
  return book;
}

void member::change(change_request&& r) {
  raft::configuration_change wanted{
      .transition = r.wanted.transition, .changes = {}, .context = {}};
  for (const auto& c : r.wanted.changes) wanted.changes.push_back({c.kind, c.id});
  const auto target = raft::next_configuration(core_->peers(), wanted);
  if (target && core_->soft().role == raft::role::leader) {
    for (const auto& c : r.wanted.changes) {
      auto why = objection_to(c);
      if (why.code != error_code::ok) return r.done->fail(why.code, std::move(why.message));
    }
    auto book = book_after(r.wanted, target->members());
    if (!book) return r.done->fail(error_code::invalid_argument, book.error());
    wanted.context = raft::bytes(codec::encode_book(*book));
  }
  const auto at = core_->propose_configuration(wanted);
  if (!at) return refuse_change(std::move(r), at.error());
  spdlog::info("group {}: changing its members at index {}", spec_.name, to_string(at->first));
  r.done->if_dropped(std::make_shared<const error>(
      error{error_code::outcome_unknown, "the member was restarted", {}}));
  actors::expect_applied expected{at->first, at->term, {}};
  expected.proposals.push_back({r.deadline, std::move(r.done)});
  send(*fsm_caller_, std::move(expected));
}

void member::refuse_change(change_request&& r, const raft::refusal& why) {
  switch (why.code) {
    case raft::refusal_code::not_leader:
      if (r.may_forward) {
        return send(node_.forwarder, forward_change{spec_.name, why.leader, std::move(r)});
      }
      return r.done->fail(error_code::not_leader, "this node does not lead '" + spec_.name + "'",
                          node_.facts->address_of(why.leader));
    case raft::refusal_code::invalid_change:
      return r.done->fail(error_code::invalid_argument, "changes: " + why.why);
    case raft::refusal_code::not_caught_up:
      return r.done->fail(error_code::not_caught_up,
                          "group '" + spec_.name +
                              "': the learner lacks too many entries to vote yet; try again later");
    default:
      return r.done->fail(
          error_code::change_pending,
          "group '" + spec_.name + "': another change of members or leadership is under way");
  }
}

void member::refuse_while_loading(change_request&& r) {
  refuse_change(std::move(r), raft::refusal{});
}

/// Whom the group had when it was last here.
void member::follow_book(const persistence::group_state& data) {
  const auto told = data.own_view()->get(actors::address_book_key);
  reconfigured({data.point().peers, raft::bytes(told.value_or(std::string{}))});
}

/// New members are reachable as soon as their entry is in the log: they take part from then on.
void member::meet_new_members(const raft::entries& appended) {
  for (const auto& e : appended) {
    if (e->type != raft::entry_type::configuration || e->data.empty()) continue;
    if (const auto book = codec::decode_book(e->data.view())) node_.facts->nodes->learn_of(*book);
  }
}

void member::reconfigured(const actors::reconfigured& now) {
  // Leaving a joint phase brings no news of addresses.
  const auto told = codec::decode_book(now.book.view());
  if (told) node_.facts->nodes->learn_of(*told);
  node_.facts->nodes->follow(spec_.id, node_.facts->nodes->book_of(now.peers.members()));
}

// ---- what others may know ----------------------------------------------------------------------

group_status member::status(clock::time_point now) {
  group_status s;
  s.name = spec_.name;
  s.available = serving();
  if (!serving()) return s;
  hear_of_storage();
  s.core = core_->status();
  s.apply_longest = apply_times_.longest(now);
  s.leader_address = node_.facts->address_of(s.core.soft.leader);
  if (const auto entry = node_.groups->find(spec_.id)) s.pending_proposals = entry->waiting();
  return s;
}

std::string member::not_ready() const {
  if (!serving()) return spec_.name + ": loading";
  if (core_->soft().leader.is_none()) return spec_.name + ": no leader";
  if (!caught_up_at_ || applied_ < *caught_up_at_) return spec_.name + ": catching up";
  return {};
}

}  // namespace troupe::groups

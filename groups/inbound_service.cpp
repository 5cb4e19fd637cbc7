#include "groups/inbound_service.hpp"

#include <map>

#include "codec/session_codec.hpp"

namespace troupe::groups {
namespace {

/// Elections and heartbeats overtake what callers have queued; appends keep their place.
bool is_urgent(const raft::message& m) {
  return !std::holds_alternative<raft::append_request>(m.body) &&
         !std::holds_alternative<raft::append_response>(m.body) &&
         !std::holds_alternative<raft::install_snapshot>(m.body);
}

completion reply_to(std::uint64_t id, std::shared_ptr<actors::reply_sink> sink) {
  return [id, sink = std::move(sink)](result answered) {
    codec::request_reply reply;
    reply.id = id;
    if (answered) {
      reply.index = answered->index;
      reply.term = answered->term;
      reply.data = std::move(answered->data);
    } else {
      reply.code = answered.error().code;
      reply.message = answered.error().message;
      reply.leader = answered.error().leader;
    }
    sink->reply(reply);
  };
}

}  // namespace

error inbound_service::welcome(const codec::hello& said) {
  switch (facts_->nodes->meet(said.node, said.birth, said.address)) {
    case acquaintance::welcome:
      return {};
    case acquaintance::unknown:
      return {error_code::unknown_peer, "node " + to_string(said.node) + " is no member", {}};
    case acquaintance::wiped:
      break;
  }
  return {error_code::wiped_node,
          "node " + to_string(said.node) +
              " was a member with other data; remove it from the groups and add it again",
          {}};
}

void inbound_service::messages(std::vector<codec::group_message> arrived) {
  struct sorted {
    actors::peer_messages urgent;
    actors::peer_messages others;
  };
  std::map<raft::group_id, sorted> by_group;
  for (auto& m : arrived) {
    auto& group = by_group[m.group];
    auto& queue = is_urgent(m.message) ? group.urgent : group.others;
    queue.messages.push_back(std::move(m.message));
  }
  for (auto& [id, group] : by_group) {
    const auto entry = groups_->find(id);
    const auto member = entry ? entry->actor() : std::nullopt;
    if (!member) continue;
    if (!group.urgent.messages.empty()) actors::send_urgent(*member, std::move(group.urgent));
    if (!group.others.messages.empty()) actors::send(*member, std::move(group.others));
  }
}

void inbound_service::requests(std::vector<codec::request> arrived,
                               const std::shared_ptr<actors::reply_sink>& sink) {
  gathered_requests together(*backend_);
  for (auto& r : arrived) {
    auto done = reply_to(r.id, sink);
    const std::chrono::milliseconds timeout{r.timeout_ms};
    switch (r.kind) {
      case codec::request_kind::propose_session:
        if (const auto sent = codec::decode_session(r.data); !sent) {
          done(raft::unexpected(error{error_code::invalid_argument, sent.error().what, {}}));
          continue;
        }
        [[fallthrough]];
      case codec::request_kind::propose: {
        const bool in_session = r.kind == codec::request_kind::propose_session;
        together.propose(r.group, std::move(r.data), {timeout, r.expected_term, in_session},
                         !r.forwarded, std::move(done));
        continue;
      }
      case codec::request_kind::query:
        together.query(r.group, std::move(r.data), {timeout, consistency::linearizable},
                       std::move(done));
        continue;
      case codec::request_kind::query_local:
        together.query(r.group, std::move(r.data), {timeout, consistency::local}, std::move(done));
        continue;
      default:
        administer(std::move(r), std::move(done));
    }
  }
  together.hand_over();
}

void inbound_service::administer(codec::request r, completion done) {
  const std::chrono::milliseconds timeout{r.timeout_ms};
  switch (r.kind) {
    case codec::request_kind::transfer:
      return backend_->transfer(r.group, std::string(r.data.view()), timeout, !r.forwarded,
                                std::move(done));
    case codec::request_kind::change: {
      auto wanted = codec::decode_change(r.data.view());
      if (!wanted) {
        return done(raft::unexpected(error{error_code::invalid_argument, wanted.error().what, {}}));
      }
      return backend_->change(r.group, std::move(*wanted), timeout, !r.forwarded, std::move(done));
    }
    case codec::request_kind::snapshot:
      return take_snapshot_part(r, std::move(done));
    case codec::request_kind::members: {
      std::vector<codec::member_address> members;
      for (const auto& [id, address] : facts_->nodes->addresses()) members.push_back({id, address});
      return done(response{raft::bytes(codec::encode_members(members)), {}, {}});
    }
    default:
      done(raft::unexpected(error{error_code::invalid_argument, "unknown kind of request", {}}));
  }
}

void inbound_service::take_snapshot_part(const codec::request& r, completion done) {
  const auto entry = groups_->find(r.group);
  const auto intake = intake_->get();
  auto part = codec::decode_part(r.data);
  if (!entry || !intake || !part) {
    const auto why = !part    ? part.error().what
                     : !entry ? "No corresponding Raft Group found : " + r.group
                              : std::string("the node is stopping");
    return done(raft::unexpected(error{error_code::invalid_argument, why, {}}));
  }
  const error dropped{error_code::unreachable, "the node was restarting", {}};
  actors::send(*intake,
               actors::received_part{entry->id(), std::move(*part),
                                     std::make_shared<actors::promise>(std::move(done), dropped)});
}

}  // namespace troupe::groups

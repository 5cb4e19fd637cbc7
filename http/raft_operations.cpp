#include "http/raft_operations.hpp"

#include <algorithm>
#include <utility>

#include "groups/address.hpp"
#include "http/json_body.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

using codec::membership_request;
using raft::change_kind;

/// Node ids stay within 63 bits.
constexpr std::uint64_t node_id_max = (std::uint64_t{1} << 63U) - 1;
constexpr const char* forwarded_field = "forwarded";

/// A peer as an operator writes it: host:port, or id=host:port for a node that is new.
struct named_peer {
  std::string text;
  raft::node_id id;  ///< none when it could not be told from the address
  std::string address;
};

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    if (const auto text = trimmed(part); !text.empty()) parts.emplace_back(text);
  }
  return parts;
}

std::optional<named_peer> read_peer(const std::string& text, const node_status& node) {
  named_peer peer{text, {}, text};
  if (const auto equals = text.find('='); equals != std::string::npos) {
    const auto id = parse_number(text.substr(0, equals), 1, node_id_max);
    if (!id) return std::nullopt;
    peer.id = raft::node_id{*id};
    peer.address = text.substr(equals + 1);
  }
  if (!groups::split_address(peer.address)) return std::nullopt;
  for (const auto& m : node.members) {
    if (peer.id.is_none() && m.peer_address == peer.address) peer.id = m.id;
  }
  return peer;
}

bool contains(const std::vector<raft::node_id>& ids, raft::node_id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// What one command means for one group: a change to make, nothing to do, or why not.
struct plan {
  std::optional<membership_request> change;
  std::string failure;
};

plan fail(std::string why) {
  return {std::nullopt, std::move(why)};
}

plan change_to(std::vector<codec::wanted_change> changes) {
  if (changes.empty()) return {};
  return {membership_request{raft::joint_transition::automatic, std::move(changes)}, {}};
}

std::string unparsable(const std::string& text) {
  return "Fail to parse peer: " + text;
}

std::string unknown_node(const named_peer& peer) {
  return "value: no node is known at " + peer.text +
         "; say which one it is, as in 4=" + peer.address;
}

plan plan_removal(const group_status& g, const std::vector<named_peer>& peers) {
  std::vector<codec::wanted_change> changes;
  for (const auto& peer : peers) {
    // Who is no member is removed already.
    if (!contains(g.core.peers.members(), peer.id)) continue;
    changes.push_back({change_kind::remove, peer.id, {}});
  }
  return change_to(std::move(changes));
}

plan plan_addition(const group_status& g, const std::vector<named_peer>& peers, bool as_learner) {
  const auto& now = g.core.peers;
  std::vector<codec::wanted_change> changes;
  for (const auto& peer : peers) {
    if (peer.id.is_none()) return fail(unknown_node(peer));
    const bool stands =
        as_learner ? contains(now.members(), peer.id) : contains(now.voters, peer.id);
    if (stands) continue;
    changes.push_back(
        {as_learner ? change_kind::add_learner : change_kind::add_voter, peer.id, peer.address});
  }
  return change_to(std::move(changes));
}

/// Compared with what the group has committed, not with what it began with.
plan plan_exchange(const group_status& g, const std::vector<named_peer>& peers) {
  if (peers.empty()) return fail("value: names no peer, and a group needs one that votes");
  const auto& now = g.core.peers;
  auto made = plan_addition(g, peers, false);
  if (!made.failure.empty()) return made;
  auto changes =
      made.change ? std::move(made.change->changes) : std::vector<codec::wanted_change>();
  // Learners that are not named stay what they are.
  for (const auto id : now.voters) {
    const bool stays =
        std::any_of(peers.begin(), peers.end(), [id](const named_peer& p) { return p.id == id; });
    if (!stays) changes.push_back({change_kind::remove, id, {}});
  }
  return change_to(std::move(changes));
}

/// One operation on its way from group to group.
class operation_run : public std::enable_shared_from_this<operation_run> {
 public:
  operation_run(std::shared_ptr<cluster_view> view, raft_operation operation,
                operation_forwarder forward, operation_done done)
      : view_(std::move(view)),
        operation_(std::move(operation)),
        forward_(std::move(forward)),
        done_(std::move(done)) {}

  void start(node_status status) {
    status_ = std::move(status);
    if (operation_.command == "doSnapshot" && !is_mine()) return send_on();
    for (const auto& g : status_.groups) {
      if (operation_.group.empty() || g.name == operation_.group) groups_.push_back(g);
    }
    if (groups_.empty()) return done_("not this raft group : " + operation_.group);
    next();
  }

 private:
  /// A snapshot is of the peer that is named; of this node when none is.
  [[nodiscard]] bool is_mine() const {
    const auto peer = read_peer(operation_.value, status_);
    return operation_.value.empty() || (peer && peer->id == status_.id);
  }

  void send_on() {
    const auto peer = read_peer(operation_.value, status_);
    if (!peer) return done_(unparsable(operation_.value));
    if (peer->id.is_none() || operation_.forwarded) {
      return done_("Fail to find node " + operation_.value + " in group " +
                   (operation_.group.empty() ? "*" : operation_.group));
    }
    forward_(peer->id, operation_, done_);
  }

  void next() {
    while (at_ < groups_.size()) {
      if (!is_done_at_once(groups_[at_++])) return;
    }
    done_({});
  }

  /// False when the answer comes later, or was that it failed.
  bool is_done_at_once(const group_status& g) {
    if (operation_.command == "transferLeader") return transfer(g);
    if (operation_.command != "doSnapshot") return carry_out(g, planned(g));
    view_->snapshot(g.name, then_next(g));
    return false;
  }

  bool transfer(const group_status& g) {
    const auto peer = read_peer(operation_.value, status_);
    if (!peer) return failed(unparsable(operation_.value));
    if (!g.core.soft.leader.is_none() && g.core.soft.leader == peer->id) return true;
    view_->transfer(g.name, peer->id.is_none() ? peer->address : to_string(peer->id), then_next(g));
    return false;
  }

  bool failed(std::string why) {
    done_(std::move(why));
    return false;
  }

  plan planned(const group_status& g) const {
    std::vector<named_peer> peers;
    for (const auto& text : split_list(operation_.value)) {
      const auto peer = read_peer(text, status_);
      if (!peer) return fail(unparsable(text));
      peers.push_back(*peer);
    }
    const auto& c = operation_.command;
    if (c == "removePeer" || c == "removePeers" || c == "removeLearner") {
      return plan_removal(g, peers);
    }
    if (c == "addPeer" || c == "addLearner") return plan_addition(g, peers, c == "addLearner");
    return plan_exchange(g, peers);
  }

  bool carry_out(const group_status& g, plan p) {
    if (!p.failure.empty()) return failed(std::move(p.failure));
    if (!p.change) return true;
    view_->change_members(g.name, std::move(*p.change), then_next(g));
    return false;
  }

  std::function<void(const error&)> then_next(const group_status& g) {
    return [self = shared_from_this(), name = g.name](const error& e) {
      if (e.code == error_code::ok) return self->next();
      if (e.code == error_code::no_leader) {
        return self->done_("The Raft Group [" + name + "] did not find the Leader node");
      }
      self->done_(name + ": " + (e.message.empty() ? std::string(name_of(e.code)) : e.message));
    };
  }

  std::shared_ptr<cluster_view> view_;
  raft_operation operation_;
  operation_forwarder forward_;
  operation_done done_;
  node_status status_;
  std::vector<group_status> groups_;
  std::size_t at_ = 0;
};

constexpr std::string_view commands[] = {
    "transferLeader",   "removePeer", "removePeers", "changePeers",   "restRaftCluster",
    "resetRaftCluster", "addPeer",    "addLearner",  "removeLearner", "doSnapshot"};

/// Why the command is none of those that are carried out; empty: it is.
std::string refusal_of(const std::string& command) {
  if (std::find(std::begin(commands), std::end(commands), command) != std::end(commands)) return {};
  if (command == "resetPeers") {
    return "resetPeers is not offered: a configuration that no quorum agreed on can lose what was "
           "acknowledged. While a majority lives use changePeers; else bring a majority of the "
           "nodes back with their data directories, under whatever address";
  }
  return "Not support command : " + command;
}

}  // namespace

raft::expected<raft_operation, std::string> read_operation(std::string_view body) {
  const auto parsed = parse_json(body);
  if (!parsed.is_object()) {
    return raft::unexpected<std::string>(
        "body: is not {\"groupId\":\"…\",\"command\":\"…\",\"value\":\"…\"}");
  }
  raft_operation o;
  const std::pair<const char*, std::string&> fields[] = {
      {"groupId", o.group}, {"command", o.command}, {"value", o.value}};
  for (const auto& [name, text] : fields) {
    const auto given = parsed.find(name);
    if (given == parsed.end() || given->is_null()) continue;
    if (!given->is_string()) {
      return raft::unexpected<std::string>(std::string(name) + ": is not a text");
    }
    text = given->get<std::string>();
  }
  const auto forwarded = parsed.find(forwarded_field);
  o.forwarded = forwarded != parsed.end() && forwarded->is_boolean() && forwarded->get<bool>();
  return o;
}

std::string write_forwarded(const raft_operation& operation) {
  nlohmann::json body{
      {"command", operation.command}, {"value", operation.value}, {forwarded_field, true}};
  if (!operation.group.empty()) body["groupId"] = operation.group;
  return body.dump();
}

void perform(const std::shared_ptr<cluster_view>& view, const raft_operation& operation,
             const operation_forwarder& forward, const operation_done& done) {
  if (auto why = refusal_of(operation.command); !why.empty()) return done(std::move(why));
  const auto run = std::make_shared<operation_run>(view, operation, forward, done);
  view->status([run](node_status status) { run->start(std::move(status)); });
}

}  // namespace troupe::http

// virtual_link: stands in the place of a peer link between two nodes of one process: carries what
// it is given after a while of virtual time, in order, unless it is cut. Keeps a peer link's rules
// for what does not fit and what is lost.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/messages.hpp"
#include "codec/raft_codec.hpp"
#include "groups/inbound_service.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace troupe::testing {

/// What all links of a cluster share.
struct virtual_network {
  std::chrono::milliseconds latency{1};
  std::chrono::milliseconds reply_latency{0};  ///< of answers to forwarded requests
  std::size_t queue_max = 100'000;             ///< pieces on their way through one link
  std::set<std::pair<raft::node_id, raft::node_id>> cut;
  std::map<raft::node_id, std::shared_ptr<groups::inbound_service>> listening;
  /// May drop or look at each message that is delivered.
  std::function<bool(const codec::group_message&)> passes = [](const auto&) { return true; };
  std::vector<std::string> trace;

  [[nodiscard]] bool joins(raft::node_id from, raft::node_id to) const {
    return !cut.contains({from, to}) && listening.contains(to);
  }
};

inline std::string text_of(const raft::message& m) {
  auto text =
      to_string(m.from) + ">" + to_string(m.to) + " " + raft::name_of(m) + " t" + to_string(m.term);
  if (const auto* a = std::get_if<raft::append_request>(&m.body)) {
    text += " " + to_string(a->previous_index) + "+" + std::to_string(a->entries.size()) + " c" +
            to_string(a->commit);
  } else if (const auto* r = std::get_if<raft::append_response>(&m.body)) {
    text += (r->accepted ? " ok " : " no ") + to_string(r->matched);
  } else if (const auto* v = std::get_if<raft::vote_response>(&m.body)) {
    text += v->granted ? " yes" : " no";
  }
  return text;
}

struct virtual_link_options {
  std::shared_ptr<virtual_network> network;
  raft::node_id from;
  raft::node_id to;
  std::function<void(std::optional<raft::group_id>)> lost;
};

struct virtual_link_state {
  static inline const char* name = "virtual_link";
  virtual_link_state() = default;
  virtual_link_options options;
  std::deque<std::function<void()>> under_way;
  std::unordered_map<std::uint64_t, actors::promise_ptr> unanswered;
  std::uint64_t next_request = 1;
};

using virtual_link_pointer = actors::peer_link_actor::stateful_pointer<virtual_link_state>;

/// Replies find their way back to the link that the request came from.
class virtual_sink : public actors::reply_sink {
 public:
  virtual_sink(actors::peer_link_actor back, std::shared_ptr<const virtual_network> network)
      : back_(std::move(back)), network_(std::move(network)) {}
  void reply(const codec::request_reply& r) override {
    if (network_->reply_latency == 0ms) return actors::send(back_, actors::link_replies{{r}});
    caf::delayed_anon_send(back_, network_->reply_latency, actors::link_replies{{r}});
  }

 private:
  actors::peer_link_actor back_;
  std::shared_ptr<const virtual_network> network_;
};

inline void carry(virtual_link_pointer self, std::function<void()> arrive) {
  self->state.under_way.push_back(std::move(arrive));
  self->delayed_send(actors::peer_link_actor(self), self->state.options.network->latency,
                     actors::flush{});
}

inline void carry(virtual_link_pointer self, std::vector<codec::group_message> messages) {
  auto& state = self->state;
  const auto& o = state.options;
  if (!o.network->joins(o.from, o.to)) return;
  if (state.under_way.size() >= o.network->queue_max) return o.lost(messages.front().group);
  carry(self, [self, messages = std::move(messages)] {
    auto& net = *self->state.options.network;
    const auto at = self->clock().now().time_since_epoch() - 1h;
    std::vector<codec::group_message> arrived;
    for (const auto& m : messages) {
      if (!net.passes(m)) continue;
      net.trace.push_back(std::to_string(at / 1ms) + " " + text_of(m.message));
      arrived.push_back(m);
    }
    net.listening.at(self->state.options.to)->messages(std::move(arrived));
  });
}

inline void carry(virtual_link_pointer self, actors::forward_request& job) {
  auto& state = self->state;
  const auto& net = *state.options.network;
  if (!net.joins(state.options.from, state.options.to)) {
    return job.done->fail(error_code::unreachable, "cut");
  }
  if (state.under_way.size() >= net.queue_max) {
    return job.done->fail(error_code::overloaded, "the link is full");
  }
  auto request = std::move(job.request);
  request.id = state.next_request++;
  state.unanswered.emplace(request.id, std::move(job.done));
  auto sink = std::make_shared<virtual_sink>(actors::peer_link_actor(self), state.options.network);
  carry(self, [self, request = std::move(request), sink = std::move(sink)] {
    const auto& o = self->state.options;
    o.network->listening.at(o.to)->requests({request}, sink);
  });
}

inline void take_replies(virtual_link_state& state, actors::link_replies& arrived) {
  for (auto& r : arrived.replies) {
    const auto waiting = state.unanswered.find(r.id);
    if (waiting == state.unanswered.end()) continue;
    if (r.code == error_code::ok) {
      waiting->second->answer(response{r.data, r.index, r.term});
    } else {
      waiting->second->fail(r.code, r.message, r.leader);
    }
    state.unanswered.erase(waiting);
  }
}

inline actors::peer_link_actor spawn_virtual_link(caf::actor_system& system,
                                                  virtual_link_options options) {
  return system.spawn(
      [](virtual_link_pointer self,
         virtual_link_options given) -> actors::peer_link_actor::behavior_type {
        self->state.options = std::move(given);
        return {
            [=](const actors::outbound& o) {
              std::vector<codec::group_message> messages;
              for (const auto& m : o.messages) messages.push_back({o.group, m});
              carry(self, std::move(messages));
            },
            [=](const actors::outbound_encoded& o) {
              carry(self, *codec::decode_messages(raft::bytes(o.bytes)));
            },
            [=](actors::forward_request& job) { carry(self, job); },
            [](const actors::link_up&) {},
            [](const actors::link_down&) {},
            [](const actors::link_drained&) {},
            [=](actors::link_replies& arrived) { take_replies(self->state, arrived); },
            [=](actors::flush) {
              auto arrive = std::move(self->state.under_way.front());
              self->state.under_way.pop_front();
              if (self->state.options.network->joins(self->state.options.from,
                                                     self->state.options.to)) {
                arrive();
              }
            },
            [](actors::woken) {},
        };
      },
      std::move(options));
}

}  // namespace troupe::testing

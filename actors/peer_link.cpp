#include "actors/peer_link.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <unordered_map>

#include "actors/frame_batch.hpp"
#include "actors/peer_dialer.hpp"
#include "codec/raft_codec.hpp"

namespace troupe::actors {
namespace {

constexpr std::chrono::milliseconds sweep_interval{50};

struct link_state {
  static inline const char* name = "peer_link";
  link_state() = default;
  peer_link_options options;
  std::unique_ptr<link_socket> socket;
  std::uint64_t connection = 0;  ///< none while the link is down
  bool writing = false;          ///< the socket has not taken the last frames yet
  bool flush_sent = false;
  frame_batch messages{codec::frame_kind::raft_messages};
  frame_batch requests{codec::frame_kind::requests};
  std::unordered_map<std::uint64_t, forward_request> unanswered;
  std::uint64_t next_request = 1;
  bool sweep_asked = false;

  [[nodiscard]] bool is_up() const { return connection != 0; }
};

using self_pointer = peer_link_actor::stateful_pointer<link_state>;

void flush_later(self_pointer self) {
  auto& state = self->state;
  if (state.flush_sent || state.writing || !state.is_up()) return;
  state.flush_sent = true;
  self->send(peer_link_actor(self), flush{});
}

void write_queued(self_pointer self) {
  auto& state = self->state;
  state.flush_sent = false;
  if (state.writing || !state.is_up()) return;
  auto frames = state.messages.take_frames() + state.requests.take_frames();
  if (frames.empty()) return;
  state.writing = true;
  state.socket->send(state.connection, std::move(frames));
}

/// Where the next message of `group` may be put, null when it has to be dropped.
std::string* room_for_messages(link_state& state, raft::group_id group) {
  if (!state.is_up()) return nullptr;
  if (state.messages.bytes() < state.options.queued_bytes_max) return &state.messages.open();
  state.options.lost(group);
  return nullptr;
}

void answer(forward_request& waiting, codec::request_reply& r) {
  if (r.code == error_code::ok) {
    waiting.done->answer(response{std::move(r.data), r.index, r.term});
  } else {
    waiting.done->fail(r.code, std::move(r.message), std::move(r.leader));
  }
}

void sweep_later(self_pointer self) {
  auto& state = self->state;
  if (state.sweep_asked || state.unanswered.empty()) return;
  state.sweep_asked = true;
  send(state.options.ticker,
       wake_request{self->clock().now() + sweep_interval, woken_actor(peer_link_actor(self))});
}

/// A request that was given to the socket may have been carried out.
error lost_request(const codec::request& r, const std::string& why) {
  const bool changes = r.kind == codec::request_kind::propose ||
                       r.kind == codec::request_kind::propose_session ||
                       r.kind == codec::request_kind::change;
  if (changes) return {error_code::outcome_unknown, why, {}};
  return {error_code::read_timed_out, why, {}};
}

void expire(self_pointer self) {
  auto& state = self->state;
  state.sweep_asked = false;
  const auto now = self->clock().now();
  std::erase_if(state.unanswered, [&](auto& item) {
    auto& waiting = item.second;
    if (waiting.deadline > now) return false;
    const auto e = lost_request(waiting.request, "the leader's node did not answer in time");
    waiting.done->fail(e.code, e.message);
    return true;
  });
  sweep_later(self);
}

void forward(self_pointer self, forward_request& job) {
  auto& state = self->state;
  if (!state.is_up()) {
    return job.done->fail(error_code::unreachable, "node " + to_string(state.options.peer) + " (" +
                                                       state.options.host + ":" +
                                                       state.options.port + ") is not connected");
  }
  if (state.unanswered.size() >= state.options.requests_max ||
      state.requests.bytes() >= state.options.queued_bytes_max) {
    return job.done->fail(error_code::overloaded,
                          "too many requests wait for node " + to_string(state.options.peer));
  }
  job.request.id = state.next_request++;
  codec::append_request(job.request, state.requests.open());
  job.request.data = {};
  state.unanswered.emplace(job.request.id, std::move(job));
  sweep_later(self);
  flush_later(self);
}

void on_down(self_pointer self, const link_down& down) {
  auto& state = self->state;
  if (state.connection != down.connection) return;
  spdlog::info("link to node {} is down: {}", to_string(state.options.peer), down.why);
  state.connection = 0;
  state.writing = false;
  state.messages.clear();
  state.requests.clear();
  auto lost = std::exchange(state.unanswered, {});
  for (auto& [id, waiting] : lost) {
    const auto e = lost_request(waiting.request, "the link to the leader's node went down");
    waiting.done->fail(e.code, e.message);
  }
  state.options.lost(std::nullopt);
  state.options.gone();
}

dialer_events events_for(self_pointer self) {
  // The socket side outlives a killed actor for a moment: it must not keep it alive.
  const auto address = caf::actor_cast<caf::weak_actor_ptr>(self);
  const auto tell = [address](auto message) {
    if (auto link = caf::actor_cast<caf::strong_actor_ptr>(address)) {
      send(caf::actor_cast<peer_link_actor>(link), std::move(message));
    }
  };
  const auto to = self->state.options.peer;
  dialer_events on;
  // One line for each time that the node goes away, not for each attempt to reach it.
  const auto logged = std::make_shared<std::atomic<bool>>(false);
  on.up = [tell, logged](std::uint64_t n, const codec::hello_reply&) {
    *logged = false;
    tell(link_up{n});
  };
  on.down = [tell](std::uint64_t n, const std::string& why) { tell(link_down{n, why}); };
  on.accept = self->state.options.accept;
  on.refused = self->state.options.refused;
  on.silent = self->state.options.gone;
  on.drained = [tell](std::uint64_t n) { tell(link_drained{n}); };
  on.frame = [tell, to](codec::frame_kind kind, const raft::bytes& body) {
    if (kind != codec::frame_kind::replies) return;
    auto replies = codec::decode_replies(body);
    if (replies) return tell(link_replies{std::move(*replies)});
    spdlog::error("node {} sent replies that cannot be read: {}", to_string(to),
                  replies.error().what);
  };
  on.failed = [to, logged](const std::string& why) {
    if (!logged->exchange(true)) spdlog::info("node {} is away: {}", to_string(to), why);
  };
  return on;
}

void on_up(self_pointer self, const link_up& up) {
  auto& state = self->state;
  spdlog::info("link to node {} is up", to_string(state.options.peer));
  state.connection = up.connection;
  state.writing = false;
  // What was sent before may be lost: everybody starts again from what was acknowledged.
  state.options.lost(std::nullopt);
}

void on_replies(link_state& state, link_replies& arrived) {
  for (auto& r : arrived.replies) {
    const auto waiting = state.unanswered.find(r.id);
    if (waiting == state.unanswered.end()) continue;
    answer(waiting->second, r);
    state.unanswered.erase(waiting);
  }
}

peer_link_actor::behavior_type make_link(self_pointer self, peer_link_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  const auto& o = state.options;
  dialer_options dial;
  dial.host = o.host;
  dial.port = o.port;
  dial.hello = o.hello;
  dial.ping_interval = o.ping_interval;
  dial.suspect_after = o.suspect_after;
  dial.silence_max = o.silence_max;
  dial.line = o.line;
  state.socket = o.dial ? o.dial(std::move(dial), events_for(self))
                        : std::make_unique<peer_dialer>(*o.io, std::move(dial), events_for(self));
  // CAF tries them one after the other: what comes most often stands first.
  return {
      [=](forward_request& job) { forward(self, job); },
      [=](flush) { write_queued(self); },
      [=](link_replies& arrived) { on_replies(self->state, arrived); },
      [=](const outbound& out) {
        for (const auto& m : out.messages) {
          auto* room = room_for_messages(self->state, out.group);
          if (room == nullptr) break;
          codec::append_message(out.group, m, *room);
        }
        flush_later(self);
      },
      [=](const outbound_encoded& out) {
        auto* room = room_for_messages(self->state, out.group);
        if (room == nullptr) return;
        room->append(out.bytes);
        flush_later(self);
      },
      [=](const link_up& up) { on_up(self, up); },
      [=](const link_down& down) { on_down(self, down); },
      [=](const link_drained& drained) {
        if (drained.connection != self->state.connection) return;
        self->state.writing = false;
        write_queued(self);
      },
      [=](woken) { expire(self); },
  };
}

}  // namespace

peer_link_actor spawn_peer_link(caf::actor_system& system, peer_link_options options) {
  return system.spawn(make_link, std::move(options));
}

}  // namespace troupe::actors

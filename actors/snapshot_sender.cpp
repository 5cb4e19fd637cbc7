#include "actors/snapshot_sender.hpp"

#include <spdlog/spdlog.h>

#include "codec/raft_codec.hpp"
#include "codec/snapshot_codec.hpp"
#include "persistence/snapshot.hpp"

namespace troupe::actors {
namespace {

constexpr std::size_t chunk_bytes = 256U << 10U;

struct sender_state {
  static inline const char* name = "snapshot_sender";
  sender_state() = default;
  snapshot_sender_options options;
  std::optional<persistence::snapshot_reader> reader;
  bool has_begun = false;
  bool has_finished = false;  ///< the last part is on its way
  std::size_t file = 0;
  std::uint64_t offset = 0;
  std::size_t unanswered = 0;
  clock::time_point next_at;  ///< the byte limit allows nothing earlier
  bool wake_asked = false;

  [[nodiscard]] bool has_chunks() const { return file < reader->manifest().files.size(); }
};

using self_pointer = snapshot_sender_actor::stateful_pointer<sender_state>;

void end(self_pointer self, bool ok) {
  auto& o = self->state.options;
  send(o.member, snapshot_sent{o.announcement.to, ok});
  self->quit();
}

void send_part(self_pointer self, codec::snapshot_part part) {
  auto& state = self->state;
  auto& o = state.options;
  ++state.unanswered;
  part.transfer = o.transfer;
  codec::request r;
  r.kind = codec::request_kind::snapshot;
  r.group = o.group_name;
  r.timeout_ms = static_cast<std::uint32_t>(o.part_timeout.count());
  r.forwarded = true;
  r.data = raft::bytes(codec::encode_part(part));
  const auto me = caf::actor_cast<caf::weak_actor_ptr>(self);
  auto done = [me](const result& answered) {
    if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(me)) {
      send(caf::actor_cast<snapshot_sender_actor>(alive),
           part_answered{answered ? error{} : answered.error()});
    }
  };
  const error lost{error_code::unreachable, "the link to the follower's node was restarted", {}};
  auto promised = std::make_shared<promise>(std::move(done), lost);
  const auto link = o.links->find(o.announcement.to);
  if (!link) return promised->fail(error_code::unreachable, "there is no link to the follower");
  send(*link, forward_request{std::move(r), self->clock().now() + o.part_timeout, promised});
}

bool send_chunk(self_pointer self) {
  auto& state = self->state;
  const auto& file = state.reader->manifest().files[state.file];
  auto bytes = state.reader->read(file.name, state.offset, chunk_bytes);
  if (!bytes) {
    spdlog::error("a snapshot cannot be read: {}", bytes.error().message());
    return false;
  }
  const auto size = bytes->size();
  send_part(self, {codec::snapshot_step::chunk, 0, file.name, state.offset,
                   raft::bytes(std::move(*bytes))});
  state.offset += size;
  if (state.offset >= file.bytes) {
    ++state.file;
    state.offset = 0;
  }
  const auto pause =
      std::chrono::nanoseconds(size * 1'000'000'000 / state.options.bytes_per_second);
  state.next_at = std::max(state.next_at, self->clock().now()) + pause;
  return true;
}

void send_more(self_pointer self) {
  auto& state = self->state;
  while (state.has_begun && state.has_chunks() && state.unanswered < state.options.parts_max) {
    const auto now = self->clock().now();
    if (state.next_at > now) {
      if (!std::exchange(state.wake_asked, true)) {
        self->delayed_send(snapshot_sender_actor(self), state.next_at - now, woken{});
      }
      return;
    }
    if (!send_chunk(self)) return end(self, false);
  }
  if (state.has_begun && !state.has_chunks() && state.unanswered == 0 && !state.has_finished) {
    state.has_finished = true;
    std::string message;
    codec::append_message(state.options.group, state.options.announcement, message);
    send_part(self, {codec::snapshot_step::finish, 0, {}, 0, raft::bytes(std::move(message))});
  }
}

void answered(self_pointer self, const part_answered& part) {
  auto& state = self->state;
  --state.unanswered;
  if (part.why.code != error_code::ok) {
    spdlog::warn("sending a snapshot of group {} to node {} failed: {}", state.options.group_name,
                 to_string(state.options.announcement.to), part.why.message);
    return end(self, false);
  }
  if (state.has_finished) return end(self, true);
  state.has_begun = true;
  send_more(self);
}

snapshot_sender_actor::behavior_type make_sender(self_pointer self,
                                                 snapshot_sender_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  auto reader = persistence::snapshot_reader::open(state.options.snapshot->directory);
  if (reader) {
    state.reader.emplace(std::move(*reader));
    send_part(self, {codec::snapshot_step::begin,
                     0,
                     {},
                     0,
                     raft::bytes(persistence::encode_manifest(state.reader->manifest()))});
  } else {
    spdlog::error("a snapshot cannot be read: {}", reader.error().message());
    end(self, false);
  }
  return {
      [=](const part_answered& part) { answered(self, part); },
      [=](woken) {
        self->state.wake_asked = false;
        send_more(self);
      },
  };
}

}  // namespace

snapshot_sender_actor spawn_snapshot_sender(caf::actor_system& system,
                                            snapshot_sender_options options) {
  return spawn_blocking(system, make_sender, std::move(options));
}

}  // namespace troupe::actors

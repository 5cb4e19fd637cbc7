#include "actors/replicator.hpp"

#include "actors/frame_batch.hpp"
#include "codec/raft_codec.hpp"

namespace troupe::actors {
namespace {

/// What the core wants sent at once may be the whole window, which is more than a frame takes.
void send_in_pieces(const replicator_options& o, const std::vector<raft::message>& messages) {
  outbound_encoded piece{o.group, {}};
  for (const auto& m : messages) {
    codec::append_message(o.group, m, piece.bytes);
    if (piece.bytes.size() < frame_batch::body_bytes_goal) continue;
    o.links->send(o.follower, std::move(piece));
    piece = {o.group, {}};
  }
  if (!piece.bytes.empty()) o.links->send(o.follower, std::move(piece));
}

replicator_actor::behavior_type make_replicator(replicator_actor::pointer self,
                                                replicator_options options) {
  return {
      [=](const replicate& job) {
        const auto begun = self->clock().now();
        send_in_pieces(options, job.messages);
        options.encoded(self->clock().now() - begun);
      },
      [=](const raft::fetch& wanted) {
        send(options.reader, fetch_job{options.group, wanted, options.member});
      },
  };
}

}  // namespace

replicator_actor spawn_replicator(caf::actor_system& system, replicator_options options) {
  return system.spawn(make_replicator, std::move(options));
}

}  // namespace troupe::actors

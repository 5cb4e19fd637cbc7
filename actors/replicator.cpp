#include "actors/replicator.hpp"

#include "codec/raft_codec.hpp"

namespace troupe::actors {
namespace {

replicator_actor::behavior_type make_replicator(replicator_actor::pointer,
                                                replicator_options options) {
  return {
      [=](const replicate& job) {
        outbound_encoded encoded{options.group, {}};
        for (const auto& m : job.messages) {
          codec::append_message(options.group, m, encoded.bytes);
        }
        options.links->send(options.follower, std::move(encoded));
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

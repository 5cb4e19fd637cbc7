#include "actors/log_writer.hpp"

#include <algorithm>
#include <map>

#include "actors/direct_line.hpp"
#include "actors/frame_batch.hpp"
#include "codec/raft_codec.hpp"
#include "persistence/member_loading.hpp"

namespace troupe::actors {
namespace {

struct writer_state {
  static inline const char* name = "log_writer";
  log_writer_options options;
  std::vector<append_job> queued;
  std::uint64_t queued_bytes = 0;
  std::uint64_t epoch = 0;
  bool flush_sent = false;
  bool failed = false;
};

using self_pointer = log_writer_actor::stateful_pointer<writer_state>;

/// Whoever looks meanwhile sees for how long the disk has kept us.
class watched {
 public:
  explicit watched(self_pointer self) : watch_(*self->state.options.watch) {
    watch_.begin(self->clock().now());
  }
  watched(const watched&) = delete;
  watched& operator=(const watched&) = delete;
  ~watched() { watch_.end(); }

 private:
  write_watch& watch_;
};

std::uint64_t size_of(const raft::write& w) {
  std::uint64_t bytes = 64;
  for (const auto& e : w.entries) bytes += e->size_bytes();
  return bytes;
}

/// The last sequence of each member stands for all before it.
void announce(const writer_state& state) {
  std::map<raft::group_id, const append_job*> last;
  for (const auto& job : state.queued) last[job.group] = &job;
  for (const auto& [group, job] : last) {
    const auto sequence = job->write->sequence;
    if (job->mark && !job->mark->move_to(sequence)) continue;
    send_urgent(job->member, log_stable{sequence});
  }
}

using reply_to = std::pair<raft::group_id, raft::message>;

bool send_at_once(const peer_links& links, raft::node_id peer,
                  const std::vector<reply_to>& replies) {
  const auto line = links.line(peer);
  if (!line) return false;
  frame_batch batch{codec::frame_kind::raft_messages};
  for (const auto& [group, m] : replies) codec::append_message(group, m, batch.open());
  return line->send(batch.take_frames());
}

void hand_to_link(const peer_links& links, raft::node_id peer, std::vector<reply_to> replies) {
  std::map<raft::group_id, outbound> by_group;
  for (auto& [group, m] : replies) {
    auto& out = by_group[group];
    out.group = group;
    out.messages.push_back(std::move(m));
  }
  for (auto& [group, out] : by_group) links.send(peer, std::move(out));
}

/// On this thread where the connection takes them: the other node hears of them a wake-up earlier.
void release_replies(const writer_state& state) {
  std::map<raft::node_id, std::vector<reply_to>> by_peer;
  for (const auto& job : state.queued) {
    for (const auto& m : job.write->replies) by_peer[m.to].emplace_back(job.group, m);
  }
  const auto& links = *state.options.links;
  for (auto& [peer, replies] : by_peer) {
    if (!send_at_once(links, peer, replies)) hand_to_link(links, peer, std::move(replies));
  }
}

void write_as_owner(self_pointer self) {
  auto& state = self->state;
  std::vector<persistence::group_write> writes;
  writes.reserve(state.queued.size());
  for (const auto& job : state.queued) writes.push_back({job.group, job.write.get()});
  const auto begun = self->clock().now();
  const auto written = state.options.log->append(writes);
  state.options.synced(self->clock().now() - begun);
  if (!written.ok()) {
    // Nothing is retried on top of a failed sync, and no reply leaves.
    state.failed = true;
    state.options.fatal("log write failed: " + written.message());
    return;
  }
  release_replies(state);
  announce(state);
}

void write_queued(self_pointer self) {
  auto& state = self->state;
  if (state.queued.empty() || state.failed) return;
  const watched under_way(self);
  state.options.fence->run_as(state.epoch, [&] { write_as_owner(self); });
  state.queued.clear();
  state.queued_bytes = 0;
}

loaded_member load(self_pointer self, const load_job& job) {
  auto& state = self->state;
  // What others have queued keeps: thousands of groups that start are not a sync each.
  const bool is_queued = std::any_of(state.queued.begin(), state.queued.end(),
                                     [&](const auto& q) { return q.group == job.group; });
  if (is_queued) write_queued(self);
  const watched under_way(self);
  auto stored =
      persistence::load_member(*state.options.log, *state.options.states, job.group, job.initial);
  if (!stored) return {stored.error(), std::nullopt, nullptr, 0};
  return {persistence::status{}, std::move(stored->restored), std::move(stored->data),
          stored->log_bytes};
}

log_writer_actor::behavior_type make_writer(self_pointer self, log_writer_options options) {
  self->state.options = std::move(options);
  self->state.epoch = self->state.options.fence->take_over();
  return {
      [=](append_job& job) {
        auto& state = self->state;
        state.queued_bytes += size_of(*job.write);
        state.queued.push_back(std::move(job));
        if (state.queued.size() >= state.options.jobs_per_sync_max ||
            state.queued_bytes >= state.options.bytes_per_sync_max) {
          write_queued(self);
        } else if (!state.flush_sent) {
          state.flush_sent = true;
          self->send(log_writer_actor(self), flush{});
        }
      },
      [=](const load_job& job) -> caf::result<loaded_member> { return load(self, job); },
      [=](flush) {
        self->state.flush_sent = false;
        write_queued(self);
      },
  };
}

}  // namespace

log_writer_actor spawn_log_writer(caf::actor_system& system, log_writer_options options) {
  return spawn_blocking(system, make_writer, std::move(options));
}

}  // namespace troupe::actors

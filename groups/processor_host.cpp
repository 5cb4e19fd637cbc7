#include "groups/processor_host.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <mutex>

#include "actors/apply_command.hpp"

namespace troupe::groups {
namespace {

/// After this long the host commits what it has and lets others run.
constexpr std::chrono::milliseconds turn{5};
constexpr std::chrono::milliseconds stall_pause{5};

using host_actor = actors::processor_actor::extend<caf::reacts_to<actors::flush>>;

/// A batch that the store did not take yet.
struct stalled_batch {
  std::unique_ptr<persistence::state_write> write;
  persistence::applied_change change;
  actors::apply_done done;
  caf::typed_response_promise<actors::apply_done> answer;
  clock::time_point next_attempt;
};

/// What hosts of one processor share: a host may be started again while its predecessor is still
/// inside apply.
struct served_processor {
  std::shared_ptr<processor> object;
  std::mutex busy;
  bool was_leader = false;
};

/// The view that the queries of one turn share, and what it is a view of.
struct shared_view {
  std::unique_ptr<persistence::state_view> view;
  std::shared_ptr<persistence::group_state> data;
  raft::log_index applied;
};

struct host_state {
  static inline const char* name = "processor_host";
  host_state() = default;
  std::shared_ptr<served_processor> served;
  std::shared_ptr<query_pool> pool;
  std::optional<stalled_batch> stalled;
  shared_view viewed;
};

using self_pointer = host_actor::stateful_pointer<host_state>;

/// Runs a hook; what it throws is logged, since nobody waits for an answer.
template <class Hook>
void run_hook(const char* which, Hook&& hook) {
  try {
    hook();
  } catch (const std::exception& e) {
    spdlog::error("processor hook {} failed: {}", which, e.what());
  } catch (...) {
    spdlog::error("processor hook {} failed", which);
  }
}

/// Lets the processor say what changed, before the answers do.
void tell_committed(served_processor& served) {
  std::lock_guard busy(served.busy);
  run_hook("committed", [&] { served.object->committed(); });
}

void commit(self_pointer self, stalled_batch batch) {
  batch.done.status = batch.write->commit(batch.change);
  if (batch.done.status.code() == persistence::status_code::stalled) {
    // The store is behind: this group waits, the scheduler's thread does not.
    batch.next_attempt = self->clock().now() + stall_pause;
    self->state.stalled = std::move(batch);
    self->delayed_send(host_actor(self), stall_pause, actors::flush{});
    return;
  }
  if (batch.done.status.ok()) tell_committed(*self->state.served);
  batch.answer.deliver(std::move(batch.done));
}

caf::result<actors::apply_done> apply(self_pointer self, const actors::apply_batch& job) {
  auto& served = *self->state.served->object;
  std::unique_lock busy(self->state.served->busy);
  stalled_batch batch{job.data->begin(), {}, {}, {}, {}};
  batch.done.replies.reserve(job.commands.size());
  const auto end = self->clock().now() + turn;
  for (std::size_t i = 0; i < job.commands.size(); ++i) {
    batch.done.replies.push_back(actors::apply_command(
        job.commands[i], *batch.write,
        [&](const command& c, persistence::state_batch& data) { return served.apply(c, data); }));
    if (i + 1 < job.commands.size() && self->clock().now() >= end) {
      break;
    }
  }
  batch.change = job.change_at(batch.done.replies.size());
  batch.done.applied = batch.change.index;
  busy.unlock();
  if (auto read = batch.write->read_status(); !read.ok()) {
    batch.done.status = std::move(read);
    return std::move(batch.done);
  }
  batch.answer = self->make_response_promise<actors::apply_done>();
  auto answer = batch.answer;
  commit(self, std::move(batch));
  return answer;
}

/// As the state is now; good until it changes, and at most until the queries that are queued
/// already have been answered: what is viewed cannot be cleaned up.
const persistence::state_view& view_now(self_pointer self,
                                        const std::shared_ptr<persistence::group_state>& data) {
  auto& viewed = self->state.viewed;
  const auto applied = data->applied();
  if (viewed.view && viewed.data == data && viewed.applied == applied) return *viewed.view;
  if (!viewed.view) self->send(host_actor(self), actors::flush{});
  viewed = {data->view(), data, applied};
  return *viewed.view;
}

/// Answers for as long as a turn lasts, one query at the least. What is left comes again, behind
/// those who wait.
void answer(self_pointer self, actors::query_job& job) {
  auto& state = self->state;
  const auto& object = state.served->object;
  const auto end = self->clock().now() + turn;
  const persistence::state_view* view = nullptr;
  for (auto q = job.queries.begin(); q != job.queries.end(); ++q) {
    const auto now = self->clock().now();
    if (now >= end && q != job.queries.begin()) {
      actors::query_job rest{
          {std::make_move_iterator(q), std::make_move_iterator(job.queries.end())}, job.data};
      return self->send(host_actor(self), std::move(rest));
    }
    if (object->query_may_scan(q->request.view())) {
      state.pool->answer(object, std::move(*q), job.data);
      continue;
    }
    if (view == nullptr) view = &view_now(self, job.data);
    answer_query(*object, *q, *view, now);
  }
}

void tell_leadership(served_processor& served, const member_state& now) {
  std::lock_guard busy(served.busy);
  auto& object = *served.object;
  run_hook("member_changed", [&] { object.member_changed(now); });
  if (now.is_leader == served.was_leader) return;
  served.was_leader = now.is_leader;
  if (now.is_leader) {
    run_hook("leader_started", [&] { object.leader_started(now.term); });
  } else {
    run_hook("leader_stopped", [&] { object.leader_stopped(); });
  }
}

/// A host that takes over from one that was ended: the processor leads nothing now.
void begin_again(served_processor& served, const persistence::group_state& data) {
  std::lock_guard busy(served.busy);
  if (std::exchange(served.was_leader, false)) {
    run_hook("leader_stopped", [&] { served.object->leader_stopped(); });
  }
  run_hook("loaded", [&] { served.object->loaded(*data.view()); });
}

host_actor::behavior_type make_host(self_pointer self, std::shared_ptr<served_processor> served,
                                    std::shared_ptr<query_pool> pool,
                                    std::shared_ptr<persistence::group_state> data) {
  self->state.served = std::move(served);
  self->state.pool = std::move(pool);
  begin_again(*self->state.served, *data);
  return {
      [=](const actors::apply_batch& job) { return apply(self, job); },
      [=](actors::query_job& job) { answer(self, job); },
      [=](const actors::leadership& l) { tell_leadership(*self->state.served, l.state); },
      [=](actors::flush) {
        self->state.viewed = {};
        const auto& stalled = self->state.stalled;
        if (!stalled || self->clock().now() < stalled->next_attempt) return;
        auto again = std::move(*self->state.stalled);
        self->state.stalled.reset();
        commit(self, std::move(again));
      },
  };
}

}  // namespace

processor_maker host_maker(std::shared_ptr<processor> p, std::shared_ptr<query_pool> pool) {
  const auto served = std::make_shared<served_processor>();
  served->object = std::move(p);
  return [served, pool](caf::actor_system& system,
                        const std::shared_ptr<persistence::group_state>& data) {
    return served->object->may_block()
               ? actors::processor_actor(
                     actors::spawn_blocking(system, make_host, served, pool, data))
               : actors::processor_actor(system.spawn(make_host, served, pool, data));
  };
}

}  // namespace troupe::groups

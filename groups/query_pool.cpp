#include "groups/query_pool.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>

namespace troupe::groups {
namespace {

struct pooled_query {
  std::shared_ptr<const processor> answerer;
  actors::waiting_query query;
  std::shared_ptr<persistence::group_state> data;
};

struct worker {
  query_worker_actor actor;
  bool at_work = false;  ///< an answer_next is on its way to it, or being handled
};

reply ask(const processor& p, std::string_view request, const persistence::state_view& view) {
  try {
    return p.query(request, view);
  } catch (const std::exception& e) {
    return reply::refused(std::string("the processor failed: ") + e.what());
  } catch (...) {
    return reply::refused("the processor failed");
  }
}

}  // namespace

struct query_pool::desk {
  std::mutex guard;
  std::uint32_t queries_max = 0;
  std::deque<pooled_query> waiting;
  std::vector<worker> workers;  ///< none once the pool was stopped

  /// While something waits, nobody is idle.
  void wake(worker& w) {
    if (w.at_work || waiting.empty()) return;
    w.at_work = true;
    actors::send(w.actor, answer_next{});
  }

  std::optional<pooled_query> take(const caf::actor_addr& who) {
    std::lock_guard lock(guard);
    if (!waiting.empty()) {
      std::optional<pooled_query> next(std::move(waiting.front()));
      waiting.pop_front();
      return next;
    }
    for (auto& w : workers) {
      if (w.actor.address() == who) w.at_work = false;
    }
    return std::nullopt;
  }
};

namespace {

query_worker_actor::behavior_type make_worker(query_worker_actor::pointer self,
                                              std::shared_ptr<query_pool::desk> desk) {
  return {[=](answer_next) {
    auto next = desk->take(self->address());
    if (!next) return;
    answer_query(*next->answerer, next->query, *next->data->view(), self->clock().now());
    actors::send(query_worker_actor(self), answer_next{});
  }};
}

}  // namespace

void answer_query(const processor& p, actors::waiting_query& query,
                  const persistence::state_view& view, clock::time_point now) {
  auto& done = *query.done;
  if (query.deadline <= now) {
    return done.fail(error_code::read_timed_out, "the query waited too long for its turn");
  }
  auto r = ask(p, query.request.view(), view);
  // A read that failed looks like "absent" to the processor: what it made of it is worth nothing.
  if (const auto read = view.read_status(); !read.ok()) {
    return done.fail(error_code::storage_failed, "reading failed: " + read.message());
  }
  if (!r.success) return done.fail(error_code::refused, std::move(r.error));
  done.answer(response{raft::bytes(std::move(r.data)), {}, {}});
}

query_pool::query_pool(caf::actor_system& system, std::size_t workers, std::uint32_t queries_max)
    : system_(system), desk_(std::make_shared<desk>()) {
  desk_->queries_max = queries_max;
  for (std::size_t i = 0; i < workers; ++i) {
    desk_->workers.push_back({actors::spawn_blocking(system_, make_worker, desk_)});
  }
}

void query_pool::answer(std::shared_ptr<const processor> p, actors::waiting_query&& query,
                        std::shared_ptr<persistence::group_state> data) {
  auto& done = *query.done;
  std::unique_lock lock(desk_->guard);
  // Answered without the lock: a caller may ask again at once.
  if (desk_->workers.empty()) {
    lock.unlock();
    return done.fail(error_code::shutting_down, "the node is stopping");
  }
  if (desk_->waiting.size() >= desk_->queries_max) {
    lock.unlock();
    return done.fail(error_code::overloaded,
                     "more than " + std::to_string(desk_->queries_max) + " queries wait");
  }
  desk_->waiting.push_back({std::move(p), std::move(query), std::move(data)});
  auto& workers = desk_->workers;
  const auto idle =
      std::find_if(workers.begin(), workers.end(), [](const worker& w) { return !w.at_work; });
  if (idle != workers.end()) desk_->wake(*idle);
}

std::optional<query_worker_actor> query_pool::replace(const caf::actor_addr& ended) {
  std::lock_guard lock(desk_->guard);
  for (auto& w : desk_->workers) {
    if (w.actor.address() != ended) continue;
    w = {actors::spawn_blocking(system_, make_worker, desk_)};
    desk_->wake(w);
    return w.actor;
  }
  return std::nullopt;
}

std::vector<query_worker_actor> query_pool::workers() const {
  std::lock_guard lock(desk_->guard);
  std::vector<query_worker_actor> all;
  for (const auto& w : desk_->workers) all.push_back(w.actor);
  return all;
}

void query_pool::stop() {
  std::deque<pooled_query> left;
  {
    std::lock_guard lock(desk_->guard);
    for (const auto& w : desk_->workers) actors::stop(w.actor);
    desk_->workers.clear();
    left.swap(desk_->waiting);
  }
  for (auto& q : left) {
    q.query.done->fail(error_code::shutting_down, "the node is stopping");
  }
}

}  // namespace troupe::groups

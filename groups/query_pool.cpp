#include "groups/query_pool.hpp"

#include <exception>

namespace troupe::groups {
namespace {

query_worker_actor::behavior_type make_worker(query_worker_actor::pointer self) {
  return {[=](pooled_query& q) { answer_query(*q.answerer, q.job, self->clock().now()); }};
}

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

void answer_query(const processor& p, actors::query_job& job, clock::time_point now) {
  auto& done = *job.query.done;
  if (job.query.deadline <= now) {
    return done.fail(error_code::read_timed_out, "the query waited too long for its turn");
  }
  const auto view = job.data->view();
  auto r = ask(p, job.query.request.view(), *view);
  // A read that failed looks like "absent" to the processor: what it made of it is worth nothing.
  if (const auto read = view->read_status(); !read.ok()) {
    return done.fail(error_code::storage_failed, "reading failed: " + read.message());
  }
  if (!r.success) return done.fail(error_code::refused, std::move(r.error));
  done.answer(response{raft::bytes(std::move(r.data)), {}, {}});
}

query_pool::query_pool(caf::actor_system& system, std::size_t workers, std::uint32_t queries_max)
    : system_(system),
      queries_max_(queries_max),
      waiting_(std::make_shared<std::atomic<std::uint32_t>>(0)) {
  for (std::size_t i = 0; i < workers; ++i) workers_.push_back(spawn_worker());
}

query_worker_actor query_pool::spawn_worker() {
  return actors::spawn_blocking(system_, make_worker);
}

void query_pool::answer(std::shared_ptr<const processor> p, actors::query_job&& job) {
  // Counts as waiting as long as anybody holds it, also in the mailbox of a worker that was ended.
  std::shared_ptr<void> place(nullptr, [w = waiting_](void*) { w->fetch_sub(1); });
  if (waiting_->fetch_add(1) >= queries_max_) {
    return job.query.done->fail(error_code::overloaded,
                                "more than " + std::to_string(queries_max_) + " queries wait");
  }
  std::lock_guard lock(guard_);
  if (workers_.empty()) return;
  const auto& worker = workers_[turn_.fetch_add(1) % workers_.size()];
  actors::send(worker, pooled_query{std::move(p), std::move(job), std::move(place)});
}

std::optional<query_worker_actor> query_pool::replace(const caf::actor_addr& ended) {
  std::lock_guard lock(guard_);
  for (auto& w : workers_) {
    if (w.address() == ended) return w = spawn_worker();
  }
  return std::nullopt;
}

std::vector<query_worker_actor> query_pool::workers() const {
  std::lock_guard lock(guard_);
  return workers_;
}

void query_pool::stop() {
  std::lock_guard lock(guard_);
  for (const auto& w : workers_) actors::stop(w);
  workers_.clear();
}

}  // namespace troupe::groups

#include "groups/query_pool.hpp"

#include <exception>

namespace troupe::groups {
namespace {

query_worker_actor::behavior_type make_worker(query_worker_actor::pointer,
                                              std::shared_ptr<std::atomic<std::uint32_t>> waiting) {
  return {[=](pooled_query& q) {
    waiting->fetch_sub(1);
    answer_query(*q.answerer, q.job);
  }};
}

reply ask(const processor& p, const actors::query_job& job) {
  try {
    return p.query(job.query.request.view(), *job.data->view());
  } catch (const std::exception& e) {
    return reply::refused(std::string("the processor failed: ") + e.what());
  } catch (...) {
    return reply::refused("the processor failed");
  }
}

}  // namespace

void answer_query(const processor& p, actors::query_job& job) {
  auto r = ask(p, job);
  if (r.success) {
    job.query.done->answer(response{raft::bytes(std::move(r.data)), {}, {}});
  } else {
    job.query.done->fail(error_code::refused, std::move(r.error));
  }
}

query_pool::query_pool(caf::actor_system& system, std::size_t workers, std::uint32_t queries_max)
    : system_(system),
      queries_max_(queries_max),
      waiting_(std::make_shared<std::atomic<std::uint32_t>>(0)) {
  for (std::size_t i = 0; i < workers; ++i) workers_.push_back(spawn_worker());
}

query_worker_actor query_pool::spawn_worker() {
  return system_.spawn<caf::detached>(make_worker, waiting_);
}

void query_pool::answer(std::shared_ptr<const processor> p, actors::query_job&& job) {
  if (waiting_->fetch_add(1) >= queries_max_) {
    waiting_->fetch_sub(1);
    return job.query.done->fail(error_code::overloaded,
                                "more than " + std::to_string(queries_max_) + " queries wait");
  }
  std::lock_guard lock(guard_);
  if (workers_.empty()) return waiting_->fetch_sub(1), void();
  const auto& worker = workers_[turn_.fetch_add(1) % workers_.size()];
  actors::send(worker, pooled_query{std::move(p), std::move(job)});
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

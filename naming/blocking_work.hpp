// blocking_work: a few threads for library calls that block and cannot be had otherwise: looking
// names up, talking to databases. Knows nothing of what they do.
//
// From any thread. Bound: jobs_max jobs, running or waiting; beyond it a job is refused.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace troupe::naming {

class blocking_work {
 public:
  blocking_work(std::size_t threads, std::size_t jobs_max) : jobs_max_(jobs_max), pool_(threads) {}
  /// Forgets the jobs that wait, and waits for those that run. Not to be called by a job.
  ~blocking_work() {
    pool_.stop();
    pool_.join();
  }
  blocking_work(const blocking_work&) = delete;
  blocking_work& operator=(const blocking_work&) = delete;

  /// False when there are too many already. A job must not throw.
  [[nodiscard]] bool post(std::function<void()> job) {
    std::shared_ptr<void> place(nullptr, [n = jobs_](void*) { n->fetch_sub(1); });
    if (jobs_->fetch_add(1) >= jobs_max_) return false;
    boost::asio::post(pool_, [job = std::move(job), place = std::move(place)] { job(); });
    return true;
  }

 private:
  std::size_t jobs_max_;
  std::shared_ptr<std::atomic<std::size_t>> jobs_ = std::make_shared<std::atomic<std::size_t>>(0);
  boost::asio::thread_pool pool_;
};

}  // namespace troupe::naming

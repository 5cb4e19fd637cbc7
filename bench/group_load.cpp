#include "bench/group_load.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>

#include "bench/arrivals.hpp"
#include "bench/load_recorder.hpp"
#include "bench/load_watch.hpp"
#include "bench/operation.hpp"
#include "processors/key_value_messages.hpp"

namespace troupe::bench {
namespace {

namespace kv = processors::kv;

/// A failure may come at once, on the stack of the request: the next one waits, on our own thread.
constexpr std::chrono::milliseconds pause_after_failure{10};
/// Between looks at what is due: a timer for each request would cost more than the request.
constexpr std::chrono::microseconds between_looks{100};

/// What the callers of both loops do alike: a request of their own sequence, and its record.
class requests {
 public:
  requests(const load_options& options, std::vector<group> targets, load_recorder& recorder)
      : options_(options),
        targets_(std::move(targets)),
        value_(sample_value(options.value_bytes)),
        recorder_(recorder) {
    for (std::size_t i = 0; i < options.outstanding_max(); ++i) {
      sources_.emplace_back(options, i + 1);
    }
  }

  [[nodiscard]] std::size_t callers() const { return sources_.size(); }

  /// `done(bool succeeded)` is called once, from any thread. The latency counts from `began`.
  template <class Done>
  void make(std::size_t caller, clock::time_point began, Done done) {
    const auto next = sources_[caller].next();
    const auto& target = targets_[next.group];
    auto answered = [this, began, done, is_read = next.is_read](const result& r) {
      const auto now = clock::now();
      if (r) {
        recorder_.succeeded(is_read, began, now);
      } else {
        recorder_.failed(std::string(name_of(r.error().code)), now);
      }
      done(r.has_value());
    };
    if (next.is_read) {
      const auto wanted = options_.local_reads ? consistency::local : consistency::linearizable;
      target.query(raft::bytes(kv::encode(kv::get{next.key})), {options_.request_timeout, wanted},
                   std::move(answered));
    } else {
      target.propose(raft::bytes(kv::encode(kv::put{next.key, value_, {}})),
                     {options_.request_timeout, {}}, std::move(answered));
    }
  }

 private:
  const load_options& options_;
  const std::vector<group> targets_;
  const std::string value_;
  load_recorder& recorder_;
  std::vector<operation_source> sources_;
};

class closed_loop {
 public:
  closed_loop(requests& all, load_recorder& recorder)
      : all_(all), recorder_(recorder), active_(all.callers()) {}

  void run() {
    for (std::size_t i = 0; i < all_.callers(); ++i) request_next(i);
    retries_.run();
  }

 private:
  void request_next(std::size_t caller) {
    if (recorder_.is_over()) return retire();
    all_.make(caller, clock::now(), [this, caller](bool succeeded) {
      if (succeeded) return request_next(caller);
      auto pause = std::make_shared<boost::asio::steady_timer>(retries_, pause_after_failure);
      pause->async_wait([this, caller, pause](auto) { request_next(caller); });
    });
  }

  void retire() {
    if (--active_ == 0) running_.reset();
  }

  requests& all_;
  load_recorder& recorder_;
  boost::asio::io_context retries_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> running_{
      retries_.get_executor()};
  std::atomic<std::size_t> active_;
};

class open_loop {
 public:
  open_loop(requests& all, load_recorder& recorder, double rate, clock::time_point begin)
      : all_(all), recorder_(recorder), arrivals_(rate, begin), free_(all.callers()) {
    std::iota(free_.rbegin(), free_.rend(), std::size_t{0});
  }

  void run() {
    std::unique_lock lock(guard_);
    while (!recorder_.is_over()) {
      if (free_.empty()) {
        freed_.wait_until(lock, recorder_.until());
        continue;
      }
      const auto caller = free_.back();
      const auto now = clock::now();
      if (arrivals_.is_due(now)) free_.pop_back();
      lock.unlock();
      begin_or_wait(caller, now);
      lock.lock();
    }
    recorder_.unsent(arrivals_.untaken(recorder_.from(), recorder_.until()));
    // Bounded: every request has a deadline.
    freed_.wait(lock, [this] { return free_.size() == all_.callers(); });
  }

 private:
  void begin_or_wait(std::size_t caller, clock::time_point now) {
    if (!arrivals_.is_due(now)) {
      std::this_thread::sleep_until(std::max(arrivals_.next(), now + between_looks));
      return;
    }
    const auto due = arrivals_.take();
    recorder_.began(due, now);
    all_.make(caller, due, [this, caller](bool) { release(caller); });
  }

  void release(std::size_t caller) {
    std::lock_guard lock(guard_);
    free_.push_back(caller);
    freed_.notify_one();  // beneath the lock: whoever waits for the last one ends our life
  }

  requests& all_;
  load_recorder& recorder_;
  arrivals arrivals_;  // of the thread that runs
  std::mutex guard_;
  std::condition_variable freed_;
  std::vector<std::size_t> free_;
};

}  // namespace

load_result load_groups(const load_options& options, std::vector<group> targets) {
  const auto begin = clock::now();
  load_recorder recorder(options, begin);
  requests all(options, std::move(targets), recorder);
  {
    load_watch watch(options, recorder);
    if (options.rate > 0) {
      open_loop(all, recorder, options.rate, begin).run();
    } else {
      closed_loop(all, recorder).run();
    }
  }
  return recorder.take();
}

}  // namespace troupe::bench

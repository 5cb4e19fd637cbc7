#include "actors/io_scheduler.hpp"

#include <algorithm>
#include <boost/asio/defer.hpp>
#include <boost/asio/post.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <deque>
#include <mutex>
#include <thread>

#include "actors/caf.hpp"

namespace troupe::actors {
namespace {

/// Actors that a thread runs before it looks at its sockets again.
constexpr std::size_t turns_max = 32;

class io_scheduler final : public caf::scheduler::abstract_coordinator {
 public:
  io_scheduler(caf::actor_system& system, boost::asio::io_context& io, std::size_t threads)
      : abstract_coordinator(system), io_(io), threads_(threads) {}

  void start() override {
    timer_ = std::thread([this] {
      system().thread_started();
      clock_.run_dispatch_loop();
      system().thread_terminates();
    });
    abstract_coordinator::start();
  }

  /// The last actor has ended, and maybe the threads, too.
  void stop() override {
    stop_actors();
    std::deque<caf::resumable*> left;
    {
      std::lock_guard lock(guard_);
      left.swap(ready_);
    }
    for (auto* actor : left) cleanup_and_release(actor);
    clock_.cancel_dispatch_loop();
    timer_.join();
  }

  void enqueue(caf::resumable* actor) override {
    bool one_more = false;
    {
      std::lock_guard lock(guard_);
      ready_.push_back(actor);
      // The thread that runs this comes to the next actor by itself, and soon; for the rest one
      // more is woken.
      const auto taken_soon = serving_ == 0 ? 0 : serving_ - (is_serving() ? 0 : 1);
      one_more = serving_ < threads_ && ready_.size() > taken_soon;
      if (one_more) ++serving_;
    }
    if (!one_more) return;
    if (gathering && woken_in_handler == nullptr && io_.get_executor().running_in_this_thread()) {
      woken_in_handler = this;
    } else {
      serve_later();
    }
  }

  caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }

  static void begin_gathering() { gathering = true; }
  static void serve_gathered() {
    gathering = false;
    if (auto* scheduler = std::exchange(woken_in_handler, nullptr)) scheduler->serve();
  }

 private:
  /// Where an actor that is being run puts those that it wakes.
  class unit final : public caf::execution_unit {
   public:
    explicit unit(io_scheduler& to) : execution_unit(&to.system()), to_(to) {}
    void exec_later(caf::resumable* actor) override { to_.enqueue(actor); }

   private:
    io_scheduler& to_;
  };

  [[nodiscard]] bool is_serving() const { return serving_now == this; }

  void serve_later() {
    const auto handler = [this] { serve(); };
    // What is deferred others see only once this handler returns: while it goes on they are told.
    if (gathering || is_serving()) return boost::asio::post(io_, handler);
    boost::asio::defer(io_, handler);
  }

  void serve() {
    serving_now = this;
    unit here(*this);
    std::size_t turns = 0;
    auto* actor = next();
    for (; actor != nullptr; actor = next()) {
      run(*actor, here);
      if (++turns == turns_max) break;
    }
    serving_now = nullptr;
    if (actor != nullptr) serve_later();
  }

  /// Null: nothing is left to run, and the caller no longer counts as serving.
  caf::resumable* next() {
    std::lock_guard lock(guard_);
    if (ready_.empty()) {
      --serving_;
      return nullptr;
    }
    auto* first = ready_.front();
    ready_.pop_front();
    return first;
  }

  void run(caf::resumable& actor, unit& here) {
    switch (actor.resume(&here, max_throughput_)) {
      case caf::resumable::resume_later:
        return enqueue(&actor);
      case caf::resumable::done:
      case caf::resumable::awaiting_message:
      case caf::resumable::shutdown_execution_unit:
        return caf::intrusive_ptr_release(&actor);
    }
  }

  static thread_local const io_scheduler* serving_now;
  static thread_local bool gathering;                  ///< this thread is within a serves_woken
  static thread_local io_scheduler* woken_in_handler;  ///< counts us as serving already

  boost::asio::io_context& io_;
  const std::size_t threads_;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread timer_;

  std::mutex guard_;
  std::deque<caf::resumable*> ready_;  ///< each holds a reference
  std::size_t serving_ = 0;            ///< threads that run actors or are about to
};

thread_local const io_scheduler* io_scheduler::serving_now = nullptr;

thread_local bool io_scheduler::gathering = false;
thread_local io_scheduler* io_scheduler::woken_in_handler = nullptr;

}  // namespace

serves_woken::serves_woken() {
  io_scheduler::begin_gathering();
}

serves_woken::~serves_woken() {
  io_scheduler::serve_gathered();
}

std::size_t threads_or_default(std::size_t wanted) {
  return wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency() / 2);
}

void run_on(caf::actor_system_config& config, boost::asio::io_context& io, std::size_t threads) {
  configure(config, threads);
  config.module_factories.push_back([&io, threads](caf::actor_system& system) {
    return static_cast<caf::actor_system::module*>(new io_scheduler(system, io, threads));
  });
}

}  // namespace troupe::actors

// Actors on the threads of an io_context.
#include "actors/io_scheduler.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "actors/caf.hpp"

using namespace troupe::actors;

namespace {

using counting_actor = caf::typed_actor<caf::reacts_to<int>>;

/// An actor system on `count` threads of one io_context.
struct io_system {
  explicit io_system(std::size_t count) {
    run_on(config, io, count);
    system = std::make_unique<caf::actor_system>(config);
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([this] { io.run(); });
    }
  }
  ~io_system() {
    system->await_all_actors_done();
    work.reset();
    io.stop();
    for (auto& t : threads) t.join();
  }

  caf::actor_system_config config;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  std::unique_ptr<caf::actor_system> system;
  std::vector<std::thread> threads;
};

/// Sends itself `rounds` messages, one after the other, then ends.
void spawn_busy(caf::actor_system& system, int rounds, std::atomic<int>& handled) {
  const auto busy = system.spawn(
      [](counting_actor::pointer self, std::atomic<int>* count) {
        return counting_actor::behavior_type{[=](int left) {
          ++*count;
          if (left == 0) return self->quit();
          self->send(counting_actor(self), left - 1);
        }};
      },
      &handled);
  send(busy, rounds);
}

}  // namespace

TEST_CASE("an actor runs on the thread that serves the sockets") {
  io_system s(1);
  std::promise<std::thread::id> ran;
  const auto one = s.system->spawn(
      [](counting_actor::pointer self, std::promise<std::thread::id>* on) {
        return counting_actor::behavior_type{[=](int) {
          on->set_value(std::this_thread::get_id());
          self->quit();
        }};
      },
      &ran);
  send(one, 0);
  CHECK(ran.get_future().get() == s.threads.front().get_id());
}

TEST_CASE("every message of many actors is handled, on one thread and on several") {
  for (const std::size_t count : {1, 3}) {
    std::atomic<int> handled = 0;
    {
      io_system s(count);
      for (int i = 0; i < 50; ++i) spawn_busy(*s.system, 200, handled);
    }
    CHECK(handled == 50 * 201);
  }
}

TEST_CASE("actors that a handler wakes may run before it returns, behind all that it does") {
  std::atomic<int> handled = 0;
  std::promise<std::pair<int, int>> seen;
  io_system s(1);
  boost::asio::post(s.io, [&] {
    int before = 0;
    {
      const serves_woken here;
      for (int i = 0; i < 3; ++i) spawn_busy(*s.system, 5, handled);
      before = handled;
    }
    seen.set_value({before, handled});
  });
  CHECK(seen.get_future().get() == std::pair{0, 3 * 6});
}

TEST_CASE("where one thread runs what its handler woke, others take their share meanwhile") {
  // Each waits for the other: on one thread neither would end.
  std::promise<void> began[2];
  const std::future<void> seen[2] = {began[0].get_future(), began[1].get_future()};
  io_system s(2);
  std::vector<counting_actor> both;
  for (int i = 0; i < 2; ++i) {
    both.push_back(s.system->spawn([&began, &seen, i](counting_actor::pointer self) {
      return counting_actor::behavior_type{[&began, &seen, i, self](int) {
        began[i].set_value();
        seen[1 - i].wait();
        self->quit();
      }};
    }));
  }
  boost::asio::post(s.io, [both = std::move(both)] {
    const serves_woken here;
    for (const auto& one : both) send(one, 0);
  });
}

TEST_CASE("actors of another system are not run where they are woken") {
  std::promise<std::thread::id> ran;
  std::promise<void> sent;  // before that `there` must not go
  io_system here(1);
  io_system there(1);
  const auto one = there.system->spawn(
      [](counting_actor::pointer self, std::promise<std::thread::id>* on) {
        return counting_actor::behavior_type{[=](int) {
          on->set_value(std::this_thread::get_id());
          self->quit();
        }};
      },
      &ran);
  boost::asio::post(here.io, [&] {
    {
      const serves_woken gathers;
      send(one, 0);
    }
    sent.set_value();
  });
  CHECK(ran.get_future().get() == there.threads.front().get_id());
  sent.get_future().wait();
}

TEST_CASE("sockets have their turn while an actor always has a message") {
  io_system s(1);
  std::atomic<bool> served = false;
  const auto restless = s.system->spawn(
      [](counting_actor::pointer self, const std::atomic<bool>* enough) {
        return counting_actor::behavior_type{[=](int) {
          if (*enough) return self->quit();
          self->send(counting_actor(self), 0);
        }};
      },
      &served);
  send(restless, 0);
  boost::asio::post(s.io, [&served] { served = true; });
}

// actor_fixture: a real actor system with stand-ins for the neighbours of the role under test,
// which write down what they are told. Waits for conditions, never for time.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/messages.hpp"
#include "actors/ticker.hpp"
#include "persistence/state_store.hpp"

namespace troupe::testing {

using namespace std::chrono_literals;

struct test_system {
  test_system() {
    config.add_message_types<caf::id_block::troupe_actors>();
    actors::configure(config, 2);
    system = std::make_unique<caf::actor_system>(config);
    ticker = actors::spawn_ticker(*system, 5ms);
  }
  ~test_system() {
    for (const auto& a : to_end) caf::anon_send_exit(a, caf::exit_reason::kill);
    caf::anon_send_exit(*ticker, caf::exit_reason::kill);
    to_end.clear();
    ticker.reset();
    system->await_all_actors_done();
  }
  template <class Handle>
  Handle keep(Handle h) {
    to_end.push_back(caf::actor_cast<caf::actor>(h));
    return h;
  }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::optional<actors::ticker_actor> ticker;
  std::vector<caf::actor> to_end;
};

template <class Condition>
bool eventually(Condition&& holds, std::chrono::milliseconds limit = 5s) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// What a stand-in was told, safe to read from the test's thread.
template <class T>
class heard {
 public:
  void add(T item) {
    std::lock_guard lock(guard_);
    items_.push_back(std::move(item));
  }
  [[nodiscard]] std::vector<T> all() const {
    std::lock_guard lock(guard_);
    return items_;
  }
  [[nodiscard]] std::size_t count() const { return all().size(); }

 private:
  mutable std::mutex guard_;
  std::vector<T> items_;
};

struct told_member {
  heard<raft::log_index> applied;
  heard<raft::write_sequence> stable;
  heard<int> due;
};

inline actors::member_actor spawn_member(test_system& t, std::shared_ptr<told_member> told) {
  return t.keep(t.system->spawn(
      [](actors::member_actor::pointer,
         std::shared_ptr<told_member> hear) -> actors::member_actor::behavior_type {
        return {[](const actors::peer_messages&) {},
                [=](const actors::log_stable& s) { hear->stable.add(s.sequence); },
                [](const actors::fetched&) {},
                [=](const actors::applied& a) { hear->applied.add(a.index); },
                [](const actors::reconfigured&) {},
                [=](actors::due) { hear->due.add(1); },
                [](const actors::peer_lost&) {},
                [](const actors::peer_gone&) {}};
      },
      std::move(told)));
}

inline raft::entry_ptr make_entry(std::uint64_t term, std::uint64_t index, std::string data) {
  raft::entry e;
  e.term = raft::term{term};
  e.index = raft::log_index{index};
  e.type = raft::entry_type::data;
  e.data = raft::bytes(std::move(data));
  return std::make_shared<const raft::entry>(std::move(e));
}

/// A promise whose answer lands in `answers` as text.
inline actors::promise_ptr make_promise(std::shared_ptr<heard<std::string>> answers) {
  return std::make_shared<actors::promise>(
      [answers](const result& r) {
        answers->add(r ? std::string(r->data.view()) : std::string(name_of(r.error().code)));
      },
      error{error_code::outcome_unknown, "dropped", {}});
}

}  // namespace troupe::testing

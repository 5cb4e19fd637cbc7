// actor_fixture: an actor system that is stepped by hand, on the test's thread and with a clock
// that moves only when told to, and stand-ins for the neighbours of the role under test, which
// write down what they are told.
#pragma once

#include <spdlog/spdlog.h>

#include <caf/scheduler/test_coordinator.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "actors/ticker.hpp"

namespace troupe::testing {

using namespace std::chrono_literals;

class test_system {
 public:
  explicit test_system(const std::function<void(caf::actor_system_config&)>& configure = {}) {
    spdlog::set_level(spdlog::level::off);
    config_.add_message_types<caf::id_block::troupe_actors>();
    if (configure) configure(config_);
    config_.set("scheduler.policy", caf::atom("testing"));
    system = std::make_unique<caf::actor_system>(config_);
    scheduler_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system->scheduler());
    scheduler_->clock().current_time = actors::clock::time_point{1h};
    ticker = actors::spawn_ticker(*system, 5ms);
  }
  ~test_system() {
    end(*ticker);
    ticker.reset();
    for (const auto& a : to_end_) end(a);
    to_end_.clear();
    run();
    scheduler_->clock().cancel_all();
    if (const auto left = system->registry().running(); left > 0) {
      // The system would wait for them for ever.
      std::fprintf(stderr, "%zu actors outlive the test\n", left);
      std::abort();
    }
    spdlog::set_level(log_level_);
  }
  test_system(const test_system&) = delete;
  test_system& operator=(const test_system&) = delete;

  /// Ended with the test; a role that is linked to one that is kept need not be.
  template <class Handle>
  Handle keep(Handle h) {
    to_end_.push_back(caf::actor_cast<caf::actor>(h));
    return h;
  }
  template <class Handle>
  static void end(const Handle& h) {
    caf::anon_send_exit(h, caf::exit_reason::kill);
  }

  /// From now on chance, seeded, says who handles its next message.
  void shuffle(std::uint64_t seed) { chance_.emplace(seed); }

  /// `who` is the next to run, if it has anything to do.
  template <class Handle>
  void prefer(const Handle& who) {
    scheduler_->prioritize(who);
  }

  /// One actor handles one message; false when nobody has any.
  bool step() {
    auto& jobs = scheduler_->jobs;
    if (jobs.empty()) return false;
    if (chance_) std::swap(jobs.front(), jobs[(*chance_)() % jobs.size()]);
    scheduler_->run_once();
    return true;
  }
  /// Until every mailbox is empty. No time passes.
  void run() {
    for (std::size_t messages = 0; step(); ++messages) {
      if (messages > 5'000'000) throw std::runtime_error("the actors never come to rest");
    }
  }
  /// Time passes from timer to timer, and everybody does at once what there is to do.
  void pass(actors::clock::duration time) {
    auto& clock = scheduler_->clock();
    const auto end = clock.now() + time;
    run();
    while (!clock.schedule().empty() && clock.schedule().begin()->first <= end) {
      const auto due = clock.schedule().begin()->first;
      clock.advance_time(std::max(due - clock.now(), actors::clock::duration{0}));
      run();
    }
    clock.current_time = end;
  }
  /// Lets time pass until `holds()`; false when it does not hold within `limit` of virtual time.
  template <class Condition>
  bool pass_until(Condition&& holds, actors::clock::duration limit = 60s) {
    run();
    for (const auto end = now() + limit; !holds(); pass(1ms)) {
      if (now() > end) return false;
    }
    return true;
  }
  /// Time passes while an actor is busy with a message; timers fire later.
  void spend(actors::clock::duration time) { scheduler_->clock().current_time += time; }

  [[nodiscard]] actors::clock::time_point now() { return scheduler_->clock().now(); }
  [[nodiscard]] std::size_t timers() { return scheduler_->clock().schedule().size(); }

 private:
  spdlog::level::level_enum log_level_ = spdlog::get_level();
  caf::actor_system_config config_;

 public:
  std::unique_ptr<caf::actor_system> system;
  std::optional<actors::ticker_actor> ticker;

 private:
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  std::vector<caf::actor> to_end_;
  std::optional<std::mt19937_64> chance_;
};

/// True when the actor has ended by the time that everybody is at rest.
template <class Handle>
bool ended(test_system& t, const Handle& who) {
  const auto down = std::make_shared<bool>(false);
  caf::actor_cast<caf::actor>(who)->attach_functor([down](const caf::error&) { *down = true; });
  t.run();
  return *down;
}

/// What `who` answers when everybody is at rest; none when it does not.
template <class Answer, class Handle, class Message>
std::optional<Answer> ask(test_system& t, const Handle& who, Message message) {
  const auto heard = std::make_shared<std::optional<Answer>>();
  const caf::actor asker = t.system->spawn([=](caf::event_based_actor* self) {
    self->request(who, caf::infinite, message)
        .then([heard](const Answer& a) { *heard = a; }, [](const caf::error&) {});
  });
  t.prefer(asker);
  t.step();  // asked, behind what `who` has been sent already
  t.run();
  return std::move(*heard);
}

// ---- stand-ins ---------------------------------------------------------------------------------

struct told_member {
  std::vector<std::string> order;  ///< names of the messages as they were handled
  std::vector<raft::message> messages;
  std::vector<raft::log_index> applied;
  std::vector<actors::clock::duration> took;  ///< of each batch applied
  std::vector<raft::write_sequence> stable;
  std::vector<actors::fetched> fetched;
  std::vector<raft::node_id> lost;
};

inline actors::member_actor spawn_member(test_system& t, std::shared_ptr<told_member> told) {
  return t.keep(t.system->spawn(
      [](actors::member_actor::pointer,
         const std::shared_ptr<told_member>& hear) -> actors::member_actor::behavior_type {
        return {[=](const actors::peer_messages& p) {
                  hear->order.emplace_back("messages");
                  hear->messages.insert(hear->messages.end(), p.messages.begin(), p.messages.end());
                },
                [=](const actors::log_stable& s) {
                  hear->order.emplace_back("stable");
                  hear->stable.push_back(s.sequence);
                },
                [=](const actors::fetched& f) {
                  hear->order.emplace_back("fetched");
                  hear->fetched.push_back(f);
                },
                [=](const actors::applied& a) {
                  hear->order.emplace_back("applied");
                  hear->applied.push_back(a.index);
                  hear->took.push_back(a.took);
                },
                [=](const actors::reconfigured&) { hear->order.emplace_back("reconfigured"); },
                [=](const actors::exported&) { hear->order.emplace_back("exported"); },
                [=](const actors::snapshot_sent&) { hear->order.emplace_back("snapshot_sent"); },
                [=](const actors::installed&) { hear->order.emplace_back("installed"); },
                [=](const actors::log_compacted&) { hear->order.emplace_back("log_compacted"); },
                [=](actors::due) { hear->order.emplace_back("due"); },
                [=](const actors::peer_lost& p) {
                  hear->order.emplace_back("lost");
                  hear->lost.push_back(p.peer);
                },
                [=](const actors::peer_gone&) { hear->order.emplace_back("gone"); }};
      },
      std::move(told)));
}

struct told_link {
  std::vector<actors::outbound> plain;
  std::vector<actors::outbound_encoded> encoded;
  std::vector<actors::forward_request> requests;
};

/// A link that goes nowhere.
inline actors::peer_link_actor spawn_link(test_system& t, std::shared_ptr<told_link> told) {
  return t.keep(t.system->spawn(
      [](actors::peer_link_actor::pointer,
         const std::shared_ptr<told_link>& hear) -> actors::peer_link_actor::behavior_type {
        return {[=](const actors::outbound& o) { hear->plain.push_back(o); },
                [=](const actors::outbound_encoded& o) { hear->encoded.push_back(o); },
                [=](actors::forward_request& r) { hear->requests.push_back(std::move(r)); },
                [](const actors::link_up&) {},
                [](const actors::link_down&) {},
                [](const actors::link_drained&) {},
                [](actors::link_replies&) {},
                [](actors::flush) {},
                [](actors::woken) {}};
      },
      std::move(told)));
}

/// A ticker that wakes nobody.
inline actors::ticker_actor spawn_still_ticker(
    test_system& t, std::shared_ptr<std::vector<actors::wake_request>> told) {
  return t.keep(t.system->spawn(
      [](actors::ticker_actor::pointer,
         const std::shared_ptr<std::vector<actors::wake_request>>& hear)
          -> actors::ticker_actor::behavior_type {
        return {[=](const actors::wake_request& r) { hear->push_back(r); }, [](actors::woken) {}};
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

inline std::string text_of(const result& r) {
  if (r) return std::string(r->data.view());
  return "error " + std::string(name_of(r.error().code)) + ": " + r.error().message;
}

/// What callers heard: an answer's data, or the code of an error.
using answers = std::vector<std::string>;

/// A promise whose answer lands in `into`, behind `label` if there is one.
inline actors::promise_ptr make_promise(const std::shared_ptr<answers>& into,
                                        const std::string& label = {}) {
  return std::make_shared<actors::promise>(
      [into, label](const result& r) {
        const auto text = r ? std::string(r->data.view()) : std::string(name_of(r.error().code));
        into->push_back(label.empty() ? text : label + " " + text);
      },
      error{error_code::outcome_unknown, "dropped", {}});
}

}  // namespace troupe::testing

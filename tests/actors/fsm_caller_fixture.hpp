// fsm_caller_fixture: an FSM caller between a member and a processor that both only write down what
// they are told; the processor answers as the test says.
#pragma once

#include "actor_fixture.hpp"
#include "actors/fsm_caller.hpp"
#include "persistence/memory_state.hpp"

namespace troupe::testing {

struct scripted_processor {
  std::vector<std::vector<std::string>> batches;
  std::vector<persistence::applied_change> changes;
  std::vector<std::string> queries;
  std::vector<std::size_t> query_jobs;  ///< how many queries came together
  std::vector<raft::term> leaderships;
  std::size_t commands_per_turn = 1000;
  bool holds = false;  ///< answers only when told to, by answer()
  persistence::status status;
  struct {
    actors::apply_done done;
    caf::typed_response_promise<actors::apply_done> promise;
  } held;

  [[nodiscard]] std::vector<std::string> commands() const {
    std::vector<std::string> all;
    for (const auto& b : batches) all.insert(all.end(), b.begin(), b.end());
    return all;
  }
  /// Applies what a batch holds, or as much of it as one turn takes.
  actors::apply_done apply(const actors::apply_batch& b) {
    actors::apply_done done;
    done.status = status;
    batches.emplace_back();
    for (std::size_t i = 0; i < b.commands.size(); ++i) {
      const std::string text(b.commands[i].data.view());
      batches.back().push_back(text);
      done.replies.push_back(text == "no" ? reply::refused("no") : reply::ok(text));
      if (i + 1 < b.commands.size() && i + 1 >= commands_per_turn) {
        break;
      }
    }
    changes.push_back(b.change_at(done.replies.size()));
    done.applied = changes.back().index;
    return done;
  }
};

/// Answers what it holds when it is told to flush.
using scripted_actor = actors::processor_actor::extend<caf::reacts_to<actors::flush>>;

inline scripted_actor spawn_scripted(test_system& t, std::shared_ptr<scripted_processor> script) {
  return t.keep(t.system->spawn(
      [](scripted_actor::pointer self,
         const std::shared_ptr<scripted_processor>& play) -> scripted_actor::behavior_type {
        return {[=](const actors::apply_batch& b) -> caf::result<actors::apply_done> {
                  auto done = play->apply(b);
                  if (!play->holds) return done;
                  play->held = {std::move(done), self->make_response_promise<actors::apply_done>()};
                  return play->held.promise;
                },
                [=](actors::query_job& q) {
                  play->query_jobs.push_back(q.queries.size());
                  for (auto& query : q.queries) {
                    play->queries.emplace_back(query.request.view());
                    query.done->answer(response{query.request, {}, {}});
                  }
                },
                [=](const actors::leadership& l) { play->leaderships.push_back(l.state.term); },
                [=](actors::flush) { play->held.promise.deliver(std::move(play->held.done)); }};
      },
      std::move(script)));
}

struct caller_rig {
  explicit caller_rig(std::size_t batch_entries_max = 4096,
                      std::uint64_t batch_bytes_max = 1 << 20) {
    actors::fsm_caller_options o{member_actor, processor_actor, *t.ticker, data,
                                 [this](const std::string& why) { fatal.push_back(why); }};
    o.batch_entries_max = batch_entries_max;
    o.batch_bytes_max = batch_bytes_max;
    caller = t.keep(actors::spawn_fsm_caller(*t.system, std::move(o)));
  }

  void expect(std::uint64_t term, std::uint64_t first, std::size_t count,
              std::chrono::milliseconds timeout = 10s) {
    actors::expect_applied e{raft::log_index{first}, raft::term{term}, {}};
    for (std::size_t i = 0; i < count; ++i) {
      e.proposals.push_back({t.now() + timeout, make_promise(heard)});
    }
    actors::send(*caller, std::move(e));
  }
  void commit(raft::entries entries) {
    actors::send(*caller, actors::committed{std::move(entries)});
  }
  /// `count` entries of one term, named c<index>.
  void commit(std::uint64_t term, std::uint64_t first, std::uint64_t count) {
    raft::entries entries;
    for (auto i = first; i < first + count; ++i) {
      entries.push_back(make_entry(term, i, "c" + std::to_string(i)));
    }
    commit(std::move(entries));
  }
  /// The processor, which holds its answers, gives the one that is due.
  void answer() {
    actors::send(processor_actor, actors::flush{});
    t.run();
  }
  void ask(std::uint64_t index, std::string text, std::chrono::milliseconds timeout = 10s) {
    actors::serve_queries q{raft::log_index{index}, {}};
    q.queries.push_back({raft::bytes(std::move(text)), t.now() + timeout, make_promise(heard)});
    actors::send(*caller, std::move(q));
  }

  /// The processor here is a stand-in: only configurations are written.
  std::shared_ptr<persistence::memory_state> data = std::make_shared<persistence::memory_state>();
  std::vector<std::string> fatal;
  std::shared_ptr<told_member> member = std::make_shared<told_member>();
  std::shared_ptr<scripted_processor> processor = std::make_shared<scripted_processor>();
  std::shared_ptr<answers> heard = std::make_shared<answers>();
  test_system t;
  actors::member_actor member_actor = spawn_member(t, member);
  scripted_actor processor_actor = spawn_scripted(t, processor);
  std::optional<actors::fsm_caller_actor> caller;
};

}  // namespace troupe::testing

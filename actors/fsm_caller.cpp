#include "actors/fsm_caller.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace troupe::actors {
namespace {

constexpr std::chrono::milliseconds sweep_interval{100};
constexpr std::chrono::milliseconds stall_pause{5};
/// Enough that the way to the processor costs little for each, few enough that others have a turn.
constexpr std::size_t job_queries_max = 64;

struct waiting_at {
  raft::log_index index;
  raft::term term;
  waiting_proposal proposal;
};

struct caller_state {
  static inline const char* name = "fsm_caller";
  fsm_caller_options options;
  raft::log_index applied;
  std::deque<raft::entry_ptr> queued;     ///< committed, not yet given to the processor
  std::vector<raft::entry_ptr> applying;  ///< with the processor now
  clock::time_point handed_over;          ///< when `applying` was
  std::deque<waiting_at> proposals;       ///< ascending by index
  std::multimap<raft::log_index, waiting_query> queries;
  bool sweep_asked = false;
};

using self_pointer = fsm_caller_actor::stateful_pointer<caller_state>;

bool is_command(const raft::entry& e) {
  return e.type == raft::entry_type::data || e.type == raft::entry_type::session;
}

void answer_applied(caller_state& state, const raft::entry& e, reply r) {
  while (!state.proposals.empty() && state.proposals.front().index <= e.index) {
    auto waiting = std::move(state.proposals.front());
    state.proposals.pop_front();
    auto& done = *waiting.proposal.done;
    if (waiting.index != e.index) {
      done.fail(error_code::outcome_unknown, "the state was replaced while the entry waited");
    } else if (waiting.term != e.term) {
      done.fail(error_code::no_leader, "another leader replaced the entry before it was committed");
    } else if (r.success) {
      const bool is_fresh = r.index.is_none();
      done.answer(response{raft::bytes(std::move(r.data)), is_fresh ? e.index : r.index,
                           is_fresh ? e.term : r.term});
    } else {
      done.fail(r.code, std::move(r.error));
    }
  }
  // Along a committed log terms never fall (Raft §5.3): what we proposed further up in an earlier
  // term will never be committed, and whoever waits for it need not wait for its time to be over.
  while (!state.proposals.empty() && state.proposals.front().term < e.term) {
    state.proposals.front().proposal.done->fail(
        error_code::no_leader, "another leader replaced the entry before it was committed");
    state.proposals.pop_front();
  }
}

void expect(caller_state& state, expect_applied& expected) {
  // An index is proposed again only after our log was cut below it. Others may still hold what
  // stood there, and may yet commit it when we do not stay leader.
  while (!state.proposals.empty() && state.proposals.back().index >= expected.first) {
    state.proposals.back().proposal.done->fail(error_code::outcome_unknown,
                                               "another leader replaced the entry here");
    state.proposals.pop_back();
  }
  auto index = expected.first;
  for (auto& p : expected.proposals) {
    state.proposals.push_back({index, expected.term, std::move(p)});
    index = next(index);
  }
}

void ask_processor(caller_state& state, std::vector<waiting_query> queries) {
  for (auto next = queries.begin(); next != queries.end();) {
    const auto left = static_cast<std::size_t>(queries.end() - next);
    const auto end = next + static_cast<long>(std::min(left, job_queries_max));
    send(state.options.processor,
         query_job{{std::make_move_iterator(next), std::make_move_iterator(end)},
                   state.options.data});
    next = end;
  }
}

void serve_ready_queries(caller_state& state) {
  const auto end = state.queries.upper_bound(state.applied);
  std::vector<waiting_query> ready;
  for (auto it = state.queries.begin(); it != end; ++it) ready.push_back(std::move(it->second));
  state.queries.erase(state.queries.begin(), end);
  ask_processor(state, std::move(ready));
}

void apply_next(self_pointer self);

void batch_applied(self_pointer self, apply_done& done) {
  auto& state = self->state;
  if (done.status.code() == persistence::status_code::fenced) {
    // This member was started again and the new one owns the group's data.
    return self->quit(caf::exit_reason::user_shutdown);
  }
  if (!done.status.ok()) {
    state.options.fatal("applying failed: " + done.status.message());
    return;
  }
  // Before the callers hear of it: what they ask next finds a member that knows.
  send_urgent(state.options.member, applied{done.applied, self->clock().now() - state.handed_over});
  std::size_t at = 0;
  auto reply_at = done.replies.begin();
  for (; at < state.applying.size() && state.applying[at]->index <= done.applied; ++at) {
    const auto& e = *state.applying[at];
    const bool has_reply = is_command(e) && reply_at != done.replies.end();
    answer_applied(state, e, has_reply ? std::move(*reply_at++) : reply{});
  }
  // What the processor left for its next turn goes back to the front, in order.
  state.queued.insert(state.queued.begin(), state.applying.begin() + static_cast<long>(at),
                      state.applying.end());
  state.applying.clear();
  state.applied = done.applied;
  serve_ready_queries(state);
  apply_next(self);
}

apply_batch take_batch(caller_state& state) {
  apply_batch batch;
  batch.data = state.options.data;
  std::uint64_t bytes = 0;
  while (!state.queued.empty() && !state.queued.front()->peers &&
         state.applying.size() < state.options.batch_entries_max &&
         (bytes == 0 || bytes < state.options.batch_bytes_max)) {
    const auto& e = state.queued.front();
    bytes += e->size_bytes();
    if (is_command(*e)) {
      batch.commands.push_back({e->index, e->term, e->data, e->type == raft::entry_type::session});
    }
    batch.last = e->index;
    batch.last_term = e->term;
    state.applying.push_back(std::move(state.queued.front()));
    state.queued.pop_front();
  }
  return batch;
}

/// A configuration is no business of the processor's: its entry is a batch of its own, and the
/// address book that it carries is kept beside the processor's data.
void apply_configuration(self_pointer self) {
  auto& state = self->state;
  const auto& e = *state.applying.front();
  auto write = state.options.data->begin();
  if (!e.data.empty()) write->own().put(address_book_key, e.data.view());
  apply_done done;
  done.status = write->commit({e.index, e.term, e.peers});
  done.applied = e.index;
  if (done.status.code() == persistence::status_code::stalled) {
    self->delayed_send(fsm_caller_actor(self), stall_pause, flush{});
    return;
  }
  if (done.status.ok()) send(state.options.member, reconfigured{*e.peers, e.data});
  batch_applied(self, done);
}

void apply_next(self_pointer self) {
  auto& state = self->state;
  if (!state.applying.empty() || state.queued.empty()) return;
  state.handed_over = self->clock().now();
  if (state.queued.front()->peers) {
    state.applying.push_back(std::move(state.queued.front()));
    state.queued.pop_front();
    return apply_configuration(self);
  }
  // No timeout: a slow processor is waited for, one that dies takes this actor with it.
  self->request(state.options.processor, caf::infinite, take_batch(state))
      .then([=](apply_done& done) { batch_applied(self, done); },
            [=](const caf::error& why) { self->quit(why); });
}

void sweep_later(self_pointer self) {
  auto& state = self->state;
  if (state.sweep_asked || (state.proposals.empty() && state.queries.empty())) return;
  state.sweep_asked = true;
  send(state.options.ticker,
       wake_request{self->clock().now() + sweep_interval, woken_actor(fsm_caller_actor(self))});
}

void expire(self_pointer self) {
  auto& state = self->state;
  state.sweep_asked = false;
  const auto now = self->clock().now();
  std::erase_if(state.proposals, [&](waiting_at& w) {
    if (w.proposal.deadline > now) return false;
    w.proposal.done->fail(error_code::outcome_unknown, "not applied in time; it may still be");
    return true;
  });
  std::erase_if(state.queries, [&](auto& waiting) {
    if (waiting.second.deadline > now) return false;
    waiting.second.done->fail(error_code::read_timed_out, "the state was not caught up in time");
    return true;
  });
  sweep_later(self);
}

fsm_caller_actor::behavior_type make_caller(self_pointer self, fsm_caller_options options) {
  auto& initial = self->state;
  initial.options = std::move(options);
  initial.applied = initial.options.data->applied();
  self->link_to(initial.options.processor);
  return {
      [=](expect_applied& expected) {
        expect(self->state, expected);
        sweep_later(self);
      },
      [=](committed& entries) {
        auto& state = self->state;
        std::move(entries.entries.begin(), entries.entries.end(), std::back_inserter(state.queued));
        apply_next(self);
      },
      [=](serve_queries& ready) {
        auto& state = self->state;
        if (ready.index <= state.applied) return ask_processor(state, std::move(ready.queries));
        for (auto& q : ready.queries) state.queries.emplace(ready.index, std::move(q));
        sweep_later(self);
      },
      [=](const leadership& l) { send(self->state.options.processor, l); },
      [=](woken) { expire(self); },
      [=](flush) { apply_configuration(self); },
  };
}

}  // namespace

fsm_caller_actor spawn_fsm_caller(caf::actor_system& system, fsm_caller_options options) {
  return system.spawn(make_caller, std::move(options));
}

}  // namespace troupe::actors

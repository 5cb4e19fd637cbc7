#include "naming/health_checker_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "naming/probe_turns.hpp"
#include "naming/wake_timer.hpp"

namespace troupe::naming {
namespace {

using actors::clock;
using std::chrono::milliseconds;

/// While this node leads but does not know everything yet: how often it looks whether it does.
constexpr milliseconds loading_pause{50};
/// A change that comes right behind another waits so long: a look costs the size of the service.
constexpr milliseconds look_pause{50};
/// A prober that never answers would keep its target from being probed for good. C.13.1.
constexpr std::chrono::seconds answer_time_max{30};
/// How much is done before others get a turn.
constexpr std::size_t services_per_turn = 64;
constexpr std::size_t due_per_turn = 1'000;
constexpr std::size_t flips_logged_max = 20;

struct open_probe {
  probe_book::id who = 0;
  std::string host;
  clock::time_point began;
};

struct checker_state {
  static inline const char* name = "health_checker";
  checker_state() = default;

  health_checker_options options;
  std::shared_ptr<health_feed> feed;
  std::shared_ptr<shown_health_counts> shown;
  probe_book book{0};
  probe_turns turns{0, 0};
  bool active = false;
  std::uint64_t leadership = 0;  ///< the one for which it is active

  std::map<std::uint64_t, open_probe> open;  ///< by number, which rise with time
  std::uint64_t last_number = 0;

  std::deque<health_flip> wanted;
  bool proposing = false;
  std::optional<clock::time_point> propose_at;
  bool refusal_logged = false;

  bool look_wanted = false;
  clock::time_point may_look;
  wake_timer timer;
};

using self_pointer = health_checker_actor::stateful_pointer<checker_state>;

// ---- the one timer -----------------------------------------------------------------------------

std::optional<clock::time_point> next_wake(const checker_state& s, clock::time_point now) {
  std::optional<clock::time_point> next;
  const auto consider = [&](std::optional<clock::time_point> t) {
    if (t && (!next || *t < *next)) next = t;
  };
  consider(s.book.next_deadline());
  consider(s.propose_at);
  if (s.look_wanted) consider(s.may_look);
  if (!s.open.empty()) consider(s.open.begin()->second.began + answer_time_max);
  if (!s.active && s.options.services->leads()) consider(now + loading_pause);
  return next;
}

void arm(self_pointer self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  const auto next = next_wake(s, now);
  const auto wait = next ? s.timer.arm(*next, now) : std::nullopt;
  if (wait) self->delayed_send(health_checker_actor(self), *wait, actors::woken{});
}

void show(checker_state& s) {
  s.shown->active = s.active;
  s.shown->instances = s.book.instances();
  s.shown->targets = s.book.targets();
  s.shown->open = s.open.size();
  s.shown->waiting = s.turns.waiting();
}

// ---- flips -------------------------------------------------------------------------------------

/// What is committed now is not yet what the probes say, and still theirs to say.
bool is_still_wanted(const service_ptr& s, const health_flip& f, const probe_switches& switches) {
  if (!s) return false;
  const auto client = processors::naming::client_id(f.ip, f.port);
  const auto at = std::lower_bound(s->hosts.begin(), s->hosts.end(), client,
                                   [](const auto& h, const auto& c) { return h->client() < c; });
  if (at == s->hosts.end() || (*at)->client() != client) return false;
  const auto& h = **at;
  return h.cluster == f.cluster && h.healthy != f.healthy && target_of(*s, h, switches);
}

std::vector<health_flip> take_wanted(checker_state& s) {
  std::vector<health_flip> batch;
  service_ptr looked_at;
  while (!s.wanted.empty() && batch.size() < s.options.flips_per_entry_max) {
    auto f = std::move(s.wanted.front());
    s.wanted.pop_front();
    if (!looked_at || looked_at->key != f.service) looked_at = s.options.services->find(f.service);
    if (is_still_wanted(looked_at, f, s.book.switches())) {
      batch.push_back(std::move(f));
    } else {
      s.book.flip_answered(f);
    }
  }
  return batch;
}

void propose_wanted(self_pointer self) {
  auto& s = self->state;
  s.propose_at.reset();
  if (s.proposing) return;
  auto batch = take_wanted(s);
  if (batch.empty()) return;
  s.proposing = true;
  const auto shared = std::make_shared<std::vector<health_flip>>(std::move(batch));
  s.options.propose(*shared, [me = health_checker_actor(self), shared](const result& r) {
    actors::send(me, flips_answered{std::move(*shared), r ? error{} : r.error()});
  });
}

void want(self_pointer self, std::vector<health_flip> flips) {
  auto& s = self->state;
  std::move(flips.begin(), flips.end(), std::back_inserter(s.wanted));
  if (s.wanted.empty() || s.proposing || s.propose_at) return;
  s.propose_at = self->clock().now() + s.options.flips_collected;
}

void log_flips(const std::vector<health_flip>& flips) {
  for (std::size_t i = 0; i < std::min(flips.size(), flips_logged_max); ++i) {
    const auto& f = flips[i];
    spdlog::info("{}:{} of {} is {}: {}", f.ip, f.port, f.service.grouped(),
                 f.healthy ? "healthy" : "unhealthy", f.reason);
  }
  if (flips.size() > flips_logged_max) {
    spdlog::info("and {} more instances", flips.size() - flips_logged_max);
  }
}

void on_answered(self_pointer self, const flips_answered& answer) {
  auto& s = self->state;
  s.proposing = false;
  for (const auto& f : answer.flips) s.book.flip_answered(f);
  if (answer.why.code == error_code::ok) {
    s.refusal_logged = false;
    s.shown->flips += answer.flips.size();
    log_flips(answer.flips);
  } else {
    s.shown->flips_failed += answer.flips.size();
    // The next probes ask for it again: one line says enough until it works.
    if (!std::exchange(s.refusal_logged, true)) {
      spdlog::warn("the health of {} instances cannot be changed yet: {}", answer.flips.size(),
                   answer.why.message);
    }
  }
  want(self, {});
  arm(self);
}

// ---- probes ------------------------------------------------------------------------------------

void start_probe(self_pointer self, const probe_turns::turn& turn, const probe_target& target) {
  auto& s = self->state;
  const auto number = ++s.last_number;
  s.open.emplace(number, open_probe{turn.who, turn.host, self->clock().now()});
  ++s.shown->probes;
  s.options.probes->probe(target, [me = health_checker_actor(self), number](probe_outcome o) {
    actors::send(me, probed{number, std::move(o)});
  });
}

void probe_due(self_pointer self) {
  auto& s = self->state;
  if (s.active) {
    for (const auto& due : s.book.take_due(self->clock().now(), due_per_turn)) {
      s.turns.due(due.who, due.host);
    }
  }
  while (const auto turn = s.turns.next()) {
    if (const auto* target = s.book.find(turn->who)) {
      start_probe(self, *turn, *target);
    } else {
      s.turns.done(turn->host);
    }
  }
  show(s);
}

void finish_probe(self_pointer self, std::uint64_t number, const probe_outcome& outcome) {
  auto& s = self->state;
  const auto found = s.open.find(number);
  if (found == s.open.end()) return;  // given up on
  const auto probe = std::move(found->second);
  s.open.erase(found);
  s.turns.done(probe.host);
  want(self, s.book.finish(probe.who, outcome, self->clock().now()));
}

void give_up_on_lost(self_pointer self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  while (!s.open.empty() && s.open.begin()->second.began + answer_time_max <= now) {
    finish_probe(self, s.open.begin()->first,
                 {probe_verdict::inconclusive, answer_time_max, "the prober did not answer"});
  }
}

// ---- whether, and whom -------------------------------------------------------------------------

void note_all(checker_state& s) {
  for (const auto& client : s.options.services->clients()) {
    if (!client.ends_with("#false")) continue;
    for (const auto& key : s.options.services->published_by(client)) s.feed->changed.add(key);
  }
}

void begin(checker_state& s, std::uint64_t leadership) {
  s.active = true;
  s.leadership = leadership;
  note_all(s);
  spdlog::info("this node probes the persistent instances now");
}

/// Open probes run out; nobody is behind them any more.
void cease(checker_state& s) {
  s.active = false;
  s.book.clear();
  s.turns.forget_due();
  s.wanted.clear();
  s.propose_at.reset();
  s.look_wanted = false;
  spdlog::info("this node no longer probes the persistent instances");
}

/// H11: not before the settings of the clusters are known, else what has the checker NONE would be
/// probed by TCP (complaint F8).
void decide(checker_state& s) {
  const auto leadership = s.feed->leaderships.load();
  const bool leads = s.options.services->leads();
  if (s.active && (!leads || leadership != s.leadership)) cease(s);
  if (!leads) s.feed->changed.clear();
  if (leads && !s.active && s.options.services->is_loaded()) begin(s, leadership);
}

void see_changed(self_pointer self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  s.look_wanted = now < s.may_look;
  if (s.look_wanted) return;
  const auto changed = s.feed->changed.take(services_per_turn);
  for (const auto& key : changed.keys) s.book.see(key, s.options.services->find(key), now);
  if (changed.more) {
    self->send(health_checker_actor(self), look_again{});
  } else {
    s.may_look = now + look_pause;
  }
}

void look(self_pointer self) {
  auto& s = self->state;
  decide(s);
  if (s.active) see_changed(self);
  show(s);
  arm(self);
}

void on_woken(self_pointer self) {
  auto& s = self->state;
  const auto now = self->clock().now();
  s.timer.woken(now);
  const bool loading = !s.active && s.options.services->leads();
  if (loading || (s.look_wanted && s.may_look <= now)) look(self);
  give_up_on_lost(self);
  if (s.propose_at && *s.propose_at <= now) propose_wanted(self);
  probe_due(self);
  arm(self);
}

health_checker_actor::behavior_type make_checker(
    self_pointer self, const health_checker_options& options,
    const std::shared_ptr<health_feed>& feed, const std::shared_ptr<shown_health_counts>& shown) {
  auto& s = self->state;
  s.options = options;
  s.feed = feed;
  s.shown = shown;
  s.book = probe_book{options.seed};
  s.book.use(options.switches);
  s.turns = probe_turns{options.probes_open_max, options.probes_per_host_max};
  self->send(health_checker_actor(self), look_again{});
  return {
      [=](look_again) { look(self); },
      [=](const probes_switched& switched) {
        if (self->state.book.use(switched.now) && self->state.active) note_all(self->state);
        look(self);
      },
      [=](const probed& p) {
        finish_probe(self, p.number, p.outcome);
        probe_due(self);
        arm(self);
      },
      [=](const flips_answered& answer) { on_answered(self, answer); },
      [=](actors::woken) { on_woken(self); },
  };
}

}  // namespace

health_checker_actor spawn_health_checker(caf::actor_system& system,
                                          const health_checker_options& options,
                                          std::shared_ptr<health_feed> feed,
                                          std::shared_ptr<shown_health_counts> shown) {
  return system.spawn(make_checker, options, std::move(feed), std::move(shown));
}

}  // namespace troupe::naming

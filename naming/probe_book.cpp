#include "naming/probe_book.hpp"

#include <algorithm>

namespace troupe::naming {

namespace {

constexpr double first_pause_ms = 2000;

probe_book::time_point::duration whole(probe_time t) {
  return std::chrono::duration_cast<probe_book::time_point::duration>(t);
}

}  // namespace

// ---- what is probed ----------------------------------------------------------------------------

bool probe_book::use(const probe_switches& switches) {
  const bool same = switches_.probes_the_same(switches);
  switches_ = switches;
  ++switched_;
  return !same;
}

void probe_book::see(const service_key& key, const service_ptr& now_is, time_point now) {
  ++seen_;
  const auto at = services_.try_emplace(key).first;
  auto& known = at->second;
  auto& by_client = known.probed_by_client;
  if (now_is) {
    const bool same_rules = known.settings == now_is->settings && known.switched == switched_;
    // Both are sorted by client: where nothing changed, they are walked side by side.
    auto beside = by_client.begin();
    for (const auto& h : now_is->hosts) {
      if (same_rules && beside != by_client.end() && beside->second.shown == h) {
        (beside++)->second.seen = seen_;
      } else {
        keep(known, *now_is, h, now);
        while (beside != by_client.end() && beside->first <= h->client()) ++beside;
      }
    }
    known.settings = now_is->settings;
    known.switched = switched_;
  }
  for (auto p = by_client.begin(); p != by_client.end();) {
    if (p->second.seen == seen_) {
      p->second.service = &at->first;
      ++p;
      continue;
    }
    detach(p->second);
    --instances_;
    p = by_client.erase(p);
  }
  if (by_client.empty()) services_.erase(at);
}

/// Marks the instance as seen if it is to be probed.
void probe_book::keep(known_service& known, const service& s, const host_ptr& h, time_point now) {
  auto wanted = target_of(s, *h, switches_);
  if (!wanted) return;
  const auto [at, is_new] = known.probed_by_client.try_emplace(h->client());
  auto& p = at->second;
  p.seen = seen_;
  instances_ += static_cast<std::size_t>(is_new);
  // What was committed starts again from zero (C.13.3). A client that registers again and again
  // does not: its health stays as it was (C.12.3), and so do the probes that speak against it.
  const bool committed = !is_new && p.shown->healthy != h->healthy;
  const bool other = !is_new && p.shown->cluster != h->cluster;
  if (committed || other) p.state.forget();
  p.shown = h;
  if (p.target != nullptr && p.target->first == *wanted) return;
  if (p.target != nullptr) detach(p);
  attach(p, *std::move(wanted), now);
}

void probe_book::attach(probed& p, probe_target wanted, time_point now) {
  const auto first = first_pause();
  const auto [at, is_new] = targets_.try_emplace(std::move(wanted), next_id_, first);
  auto& w = at->second;
  if (is_new) {
    ++next_id_;
    by_id_.emplace(w.who, &*at);
    w.deadline = now + whole(first);
    deadlines_.emplace(*w.deadline, w.who);
  }
  w.behind.push_back(&p);
  p.target = &*at;
}

void probe_book::detach(probed& p) {
  auto& w = p.target->second;
  std::erase(w.behind, &p);
  if (w.behind.empty()) {
    if (w.deadline) deadlines_.erase({*w.deadline, w.who});
    by_id_.erase(w.who);
    targets_.erase(targets_.find(p.target->first));
  }
  p.target = nullptr;
}

void probe_book::clear() {
  services_.clear();
  instances_ = 0;
  deadlines_.clear();
  by_id_.clear();
  targets_.clear();
}

/// C.13.1: chance upon chance, so that most come early and few late.
probe_time probe_book::first_pause() {
  using range = std::uniform_real_distribution<double>;
  const auto most = range(0, std::max(switches_.tcp.max_ms, 1.0))(chance_);
  return probe_time{first_pause_ms + range(0, most)(chance_)};
}

// ---- when, and what came of it -----------------------------------------------------------------

std::optional<probe_book::time_point> probe_book::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::vector<probe_book::due_target> probe_book::take_due(time_point now, std::size_t most) {
  std::vector<due_target> due;
  while (due.size() < most && !deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto who = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    auto& [target, w] = *by_id_.at(who);
    w.deadline.reset();
    due.push_back({who, target.host});
  }
  return due;
}

const probe_target* probe_book::find(id who) const {
  const auto found = by_id_.find(who);
  return found == by_id_.end() ? nullptr : &found->second->first;
}

std::vector<health_flip> probe_book::finish(id who, const probe_outcome& outcome, time_point now) {
  std::vector<health_flip> flips;
  const auto found = by_id_.find(who);
  if (found == by_id_.end()) return flips;
  auto& [target, w] = *found->second;
  w.pace.observe(outcome.verdict, outcome.took, switches_.limits_of(target.checker.type));
  w.deadline = now + whole(w.pace.pause());
  deadlines_.emplace(*w.deadline, who);
  for (auto* p : w.behind) {
    if (auto flip = count(*p, outcome)) flips.push_back(*std::move(flip));
  }
  return flips;
}

std::optional<health_flip> probe_book::count(probed& p, const probe_outcome& outcome) {
  const auto wanted = p.state.count(outcome.verdict, p.shown->healthy, switches_.times);
  if (!wanted || p.flip_asked) return std::nullopt;
  p.flip_asked = true;
  health_flip f;
  f.service = *p.service;
  f.ip = p.shown->ip;
  f.port = p.shown->port;
  f.cluster = p.shown->cluster;
  f.healthy = *wanted;
  f.reason = p.target->first.label() + ": " + (*wanted ? "answers again" : outcome.why);
  return f;
}

void probe_book::flip_answered(const health_flip& f) {
  const auto s = services_.find(f.service);
  if (s == services_.end()) return;
  auto& by_client = s->second.probed_by_client;
  const auto p = by_client.find(processors::naming::client_id(f.ip, f.port));
  if (p != by_client.end()) p->second.flip_asked = false;
}

}  // namespace troupe::naming

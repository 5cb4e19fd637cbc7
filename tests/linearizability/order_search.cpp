#include "tests/linearizability/order_search.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace troupe::linearizability {
namespace {

constexpr std::uint32_t no_pool = UINT32_MAX;
constexpr std::uint32_t head = 0;

std::uint32_t start_of(std::uint32_t place) {
  return 2 * place + 1;
}
std::uint32_t end_of(std::uint32_t place) {
  return 2 * place + 2;
}
bool is_end(std::uint32_t event) {
  return event % 2 == 0;
}
std::uint32_t place_of(std::uint32_t event) {
  return (event - 1) / 2;
}

// splitmix64's finalizer. The memory keeps sums of these instead of whole sets of steps: 128 bits,
// so that two sets among some million are confused with a probability below 10^-24.
std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111eb;
  return x ^ (x >> 31U);
}

bool version_fits(const register_state& s, std::uint64_t version) {
  return s.exact ? s.floor == version : s.floor < version;
}

bool leave(const step& s, writer_id writer, const register_state& from, register_state& to) {
  if (s.has_version) {
    to = {writer, true, s.version};
    return s.version > from.floor;
  }
  // Nothing tells the versions of an absent key apart, so absence is always exact.
  to = {writer, writer == absent, from.floor};
  return true;
}

bool is_blind(const step& s) {
  return s.does == action::put || s.does == action::remove;
}

}  // namespace

bool perform(const step& s, const register_state& from, register_state& to) {
  to = from;
  const bool is_present = from.writer != absent;
  switch (s.does) {
    case action::put:
      return leave(s, s.writer, from, to);
    case action::remove:
      return leave(s, absent, from, to);
    case action::cas: {
      if (s.expects_absent) {
        return !is_present && leave(s, s.writer, from, to);
      }
      const register_state revealed{from.writer, true, s.expected};
      return is_present && version_fits(from, s.expected) && leave(s, s.writer, revealed, to);
    }
    case action::read_value:
    case action::read_absent:
      return from.writer == s.writer;
    case action::cas_refused:
      if (s.has_version) {
        to = {from.writer, true, s.version};
        return is_present && version_fits(from, s.version) &&
               (s.expects_absent || s.expected != s.version);
      }
      // A version that is not known may always have been another one.
      return s.expects_absent ? is_present
                              : !(is_present && from.exact && from.floor == s.expected);
  }
  return false;
}

order_search::order_search(const resolution& r, std::uint64_t steps_max)
    : steps_(r.definite), steps_max_(steps_max), remaining_(r.definite.size()) {
  link_events(r.definite);
  make_pools(r.possible);
  for (std::uint32_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].has_version && steps_[i].does <= action::remove) {
      by_version_.push_back(i);
    }
  }
  std::sort(by_version_.begin(), by_version_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return steps_[a].version < steps_[b].version;
  });
}

void order_search::link_events(const std::vector<step>& definite) {
  std::vector<std::uint32_t> events(2 * definite.size());
  std::iota(events.begin(), events.end(), 1);
  // Starts before ends at the same time: steps that touch are concurrent.
  const auto when = [&](std::uint32_t e) {
    const step& s = definite[place_of(e)];
    return std::tuple(is_end(e) ? s.end_ns : s.start_ns, is_end(e), e);
  };
  std::sort(events.begin(), events.end(),
            [&](std::uint32_t a, std::uint32_t b) { return when(a) < when(b); });
  next_.assign(events.size() + 1, head);
  previous_.assign(events.size() + 1, head);
  std::uint32_t last = head;
  for (const std::uint32_t e : events) {
    next_[last] = e;
    previous_[e] = last;
    last = e;
  }
}

void order_search::make_pools(const std::vector<step>& possible) {
  const auto pool_of = [this](const step& s) -> std::uint32_t& {
    switch (s.does) {
      case action::put:
        return put_pool_;
      case action::remove:
        return remove_pool_;
      default:
        return s.expects_absent ? cas_absent_pool_
                                : cas_pools_.try_emplace(s.expected, no_pool).first->second;
    }
  };
  for (const step& s : possible) {
    std::uint32_t& place = pool_of(s);
    if (place == no_pool) {
      place = static_cast<std::uint32_t>(pools_.size());
      pools_.emplace_back();
    }
    pools_[place].writes.push_back(s);
  }
  for (pool& p : pools_) {
    std::sort(p.writes.begin(), p.writes.end(),
              [](const step& a, const step& b) { return a.start_ns < b.start_ns; });
  }
}

search_result order_search::run() {
  while (remaining_ > 0 || awaiting_) {
    if (++steps_taken_ > steps_max_) {
      return search_result::gave_up;
    }
    frames_.push_back({state_, before_, awaiting_, false, choices_.size(), {}, {}});
    list_choices();
    while (choices_.size() == frames_.back().first_choice) {
      const frame failed = frames_.back();
      leads_nowhere(failed);
      frames_.pop_back();
      if (frames_.empty()) {
        return search_result::none;
      }
      frames_.back().wanted.add(failed.wanted);
      give_back(frames_.back());
    }
    frames_.back().taken = choices_.back();
    choices_.pop_back();
    take(frames_.back().taken);
  }
  return search_result::found;
}

void order_search::list_choices() {
  // Fact 1, from its other side: a write that has to come yet and cannot any more.
  if (next_by_version_ < by_version_.size() &&
      steps_[by_version_[next_by_version_]].version <= state_.floor) {
    return;
  }
  const std::size_t first = choices_.size();
  std::int64_t first_end_ns = never_ns;
  if (list_definite(first_end_ns)) {
    return;
  }
  list_possible(first_end_ns);
  // What is definite is tried first: the last choice is the next one.
  std::reverse(choices_.begin() + static_cast<std::ptrdiff_t>(first), choices_.end());
  if (!awaiting_ && choices_.size() > first + 1) {
    frames_.back().branches = !led_nowhere_before();
    if (!frames_.back().branches) {
      choices_.resize(first);
    }
  }
}

// True when a step was found that is taken at once (fact 2): then it is the only choice.
bool order_search::list_definite(std::int64_t& first_end_ns) {
  const std::size_t first = choices_.size();
  std::uint32_t earliest[2] = {no_pool, no_pool};  // fact 5: of unseen puts, of removes
  std::uint32_t event = next_[head];
  for (; event != head && !is_end(event); event = next_[event]) {
    const std::uint32_t place = place_of(event);
    const step& s = steps_[place];
    register_state to;
    if (!may_be_next(place) || !fits(s, to)) {
      continue;
    }
    if (to == state_ && s.does > action::remove) {
      choices_.resize(first);
      choices_.push_back({false, place});
      return true;
    }
    if (is_blind(s) && !s.has_version && s.writer < 0) {
      std::uint32_t& best = earliest[s.does == action::remove ? 1 : 0];
      if (best == no_pool || s.end_ns < steps_[best].end_ns) {
        best = place;
      }
      continue;
    }
    choices_.push_back({false, place});
  }
  if (event != head) {
    first_end_ns = steps_[place_of(event)].end_ns;
  }
  for (const std::uint32_t place : earliest) {
    if (place != no_pool) {
      choices_.push_back({false, place});
    }
  }
  return false;
}

bool order_search::may_be_next(std::uint32_t place) const {
  const step& s = steps_[place];
  return !s.has_version || s.does > action::remove || by_version_[next_by_version_] == place;
}

bool order_search::fits(const step& s, register_state& to) const {
  if (!perform(s, state_, to)) {
    return false;
  }
  register_state ignored;
  return !awaiting_ || (!is_blind(s) && !perform(s, before_, ignored));
}

void order_search::list_possible(std::int64_t first_end_ns) {
  offer_pool(put_pool_, first_end_ns);
  if (state_.writer == absent) {
    offer_pool(cas_absent_pool_, first_end_ns);
    return;
  }
  offer_pool(remove_pool_, first_end_ns);
  if (state_.exact) {
    const auto found = cas_pools_.find(state_.floor);
    offer_pool(found == cas_pools_.end() ? no_pool : found->second, first_end_ns);
    return;
  }
  // What a cas expects here lies between the versions of the writes around it.
  const std::uint64_t before = next_by_version_ < by_version_.size()
                                   ? steps_[by_version_[next_by_version_]].version
                                   : UINT64_MAX;
  for (auto p = cas_pools_.upper_bound(state_.floor); p != cas_pools_.end(); ++p) {
    if (p->first >= before) {
      return;
    }
    offer_pool(p->second, first_end_ns);
  }
}

void order_search::offer_pool(std::uint32_t place, std::int64_t first_end_ns) {
  if (place == no_pool) {
    return;
  }
  const pool& p = pools_[place];
  register_state to;
  if (!fits(p.writes.front(), to)) {
    return;
  }
  if (p.used < p.writes.size() && p.writes[p.used].start_ns <= first_end_ns) {
    choices_.push_back({true, place});
  } else if (p.used > 0) {
    const action does = p.writes.front().does;
    frames_.back().wanted.add({does == action::put, does == action::remove, does == action::cas});
  }
}

order_search::position order_search::here() const {
  const auto writer = static_cast<std::uint64_t>(static_cast<std::int64_t>(state_.writer));
  const std::uint64_t what = scrambled(writer * 2 + (state_.exact ? 1 : 0)) ^ state_.floor;
  return {ordered_.low ^ scrambled(what), ordered_.high ^ scrambled(~what)};
}

bool order_search::spent_writes::within(const spent_writes& other) const {
  return puts <= other.puts && removes <= other.removes &&
         std::includes(other.cas.begin(), other.cas.end(), cas.begin(), cas.end());
}

void order_search::wants::add(const wants& other) {
  puts |= other.puts;
  removes |= other.removes;
  cas |= other.cas;
}

bool order_search::led_nowhere_before() {
  const auto found = dead_ends_.find(here());
  if (found == dead_ends_.end()) {
    return false;
  }
  for (const dead_end& earlier : found->second) {
    if (earlier.spent.within(spent_)) {
      frames_.back().wanted.add(earlier.wanted);
      return true;
    }
  }
  return false;
}

void order_search::leads_nowhere(const frame& f) {
  if (!f.branches) {
    return;
  }
  spent_writes spent = spent_;
  spent.puts = f.wanted.puts ? spent.puts : 0;
  spent.removes = f.wanted.removes ? spent.removes : 0;
  if (!f.wanted.cas) {
    spent.cas.clear();
  }
  dead_ends_[here()].push_back({std::move(spent), f.wanted});
}

void order_search::spend(const pool& p, std::uint32_t place) {
  switch (p.writes.front().does) {
    case action::put:
      ++spent_.puts;
      return;
    case action::remove:
      ++spent_.removes;
      return;
    default:
      spent_.cas.insert(std::upper_bound(spent_.cas.begin(), spent_.cas.end(), place), place);
  }
}

void order_search::restore(const pool& p, std::uint32_t place) {
  switch (p.writes.front().does) {
    case action::put:
      --spent_.puts;
      return;
    case action::remove:
      --spent_.removes;
      return;
    default:
      spent_.cas.erase(std::lower_bound(spent_.cas.begin(), spent_.cas.end(), place));
  }
}

void order_search::take(choice c) {
  register_state to;
  if (c.from_pool) {
    pool& p = pools_[c.place];
    perform(p.writes[p.used], state_, to);
    ++p.used;
    spend(p, c.place);
    before_ = state_;
  } else {
    const step& s = steps_[c.place];
    perform(s, state_, to);
    unlink(start_of(c.place));
    unlink(end_of(c.place));
    next_by_version_ += s.has_version && s.does <= action::remove;
    --remaining_;
    ordered_.low += scrambled(2 * std::uint64_t{c.place});
    ordered_.high += scrambled(2 * std::uint64_t{c.place} + 1);
  }
  awaiting_ = c.from_pool;
  state_ = to;
}

void order_search::give_back(const frame& f) {
  const std::uint32_t place = f.taken.place;
  if (f.taken.from_pool) {
    --pools_[place].used;
    restore(pools_[place], place);
  } else {
    const step& s = steps_[place];
    relink(end_of(place));
    relink(start_of(place));
    next_by_version_ -= s.has_version && s.does <= action::remove;
    ++remaining_;
    ordered_.low -= scrambled(2 * std::uint64_t{place});
    ordered_.high -= scrambled(2 * std::uint64_t{place} + 1);
  }
  state_ = f.state;
  before_ = f.before;
  awaiting_ = f.awaiting;
}

void order_search::unlink(std::uint32_t event) {
  next_[previous_[event]] = next_[event];
  previous_[next_[event]] = previous_[event];
}

// In the reverse order of unlinking, each event finds its neighbours where it left them.
void order_search::relink(std::uint32_t event) {
  next_[previous_[event]] = event;
  previous_[next_[event]] = event;
}

}  // namespace troupe::linearizability

#include "simulation.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace troupe::raft::testing {

namespace {

void require(bool holds, const std::string& property) {
  if (!holds) {
    throw std::logic_error(property);
  }
}

}  // namespace

// ---- chance ---------------------------------------------------------------------------------

std::uint64_t simulation::draw(std::uint64_t bound) {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return (z ^ (z >> 31U)) % bound;
}

void simulation::note(std::uint64_t value) {
  trace_ = (trace_ ^ value) * 1099511628211ULL;
}

simulation::simulation(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL) {
  tuned_ = options_of(1);
  tuned_.seed = seed;
  tuned_.pre_vote = !one_in(3);
  tuned_.check_quorum = !one_in(3);
  tuned_.heartbeat_ticks = static_cast<std::uint32_t>(1 + draw(3));
  tuned_.restart_grace = true;
  tuned_.reads = one_in(3) ? read_policy::lease : read_policy::quorum;
  const std::uint64_t sizes[] = {40, 100, 400, 1U << 20U};
  tuned_.append_bytes_max = sizes[draw(4)];
  tuned_.append_requests_in_flight_max = static_cast<std::uint32_t>(1 + draw(8));
  tuned_.cached_bytes_max = sizes[draw(4)];
  tuned_.apply_bytes_max = sizes[draw(4)];
  tuned_.unapplied_bytes_max = sizes[draw(4)];
  tuned_.uncommitted_bytes_max = sizes[1 + draw(3)];
  tuned_.pending_reads_max = 16;
  add_members();
}

void simulation::add_members() {
  static const std::vector<std::vector<std::uint64_t>> voters = {
      {1}, {1, 2}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}};
  initial_ = disk_of(voters[draw(voters.size())]);
  if (one_in(5)) {
    initial_.snapshot.peers = make_configuration(ids({1, 2, 3}), ids({5}));
  } else if (one_in(5)) {
    auto& joint = initial_.snapshot.peers;
    joint = make_configuration(ids({1, 2, 3}));
    joint.outgoing = ids({3, 4, 5});
    joint.learners_next = ids({4});
    joint.auto_leave = true;
  }
  for (const node_id id : initial_.snapshot.peers.members()) {
    auto options = tuned_;
    options.self = id;
    auto& s = seats_[id.value()];
    s.held = std::make_unique<host>(options, initial_);
    s.held->answers_fetches = false;
    s.held->applies = false;
  }
}

simulation::seat& simulation::any_seat() {
  auto at = seats_.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(draw(seats_.size())));
  return at->second;
}

// ---- steps ----------------------------------------------------------------------------------

void simulation::step() {
  ++steps_;
  if (!wire_.empty() && !one_in(3)) {
    deliver_any();
    return;
  }
  if (one_in(200) && draw(100) < faults_) {
    split_ = one_in(2) ? 0 : draw(64);
  }
  seat& s = any_seat();
  if (!s.held->is_up()) {
    if (one_in(20)) {
      restart(s);
    }
    return;
  }
  act(s);
  check(s);
}

void simulation::act(seat& s) {
  host& h = *s.held;
  switch (draw(10)) {
    case 0:
    case 1:
      pass_time(s);
      break;
    case 2:
    case 3:
    case 4:
      h.take_one();
      break;
    case 5:
    case 6:
      write(s);
      break;
    case 7:
      if (h.durable.applied < s.handed_out) {
        h.apply_to(h.durable.applied + 1 + draw(distance(h.durable.applied, s.handed_out)));
      }
      break;
    case 8:
      fetches_ += h.answer_one() ? 1 : 0;
      finish_snapshots(s);
      break;
    default:
      act_on_requests(s);
      break;
  }
}

// Leases need clocks that run about alike; nothing else does.
void simulation::pass_time(seat& s) {
  if (tuned_.reads != read_policy::lease) {
    (*s.held)->tick(static_cast<std::uint32_t>(one_in(100) ? 10 + draw(30) : 1 + draw(2)));
    return;
  }
  if (!one_in(seats_.size())) {
    return;
  }
  for (auto& [id, other] : seats_) {
    if (other.held->is_up()) {
      (*other.held)->tick(1);
      check(other);
    }
  }
}

void simulation::act_on_requests(seat& s) {
  host& h = *s.held;
  const auto chance = draw(100);
  if (chance < 50) {
    std::vector<bytes> commands;
    for (auto n = 1 + draw(3); n > 0; --n) {
      commands.push_back(text(std::to_string(next_command_++)));
    }
    static_cast<void>(h->propose(commands).has_value());
  } else if (chance < 75) {
    read(s);
  } else if (chance < 80 && h.durable.applied > h.durable.snapshot.index) {
    const auto room = distance(h.durable.snapshot.index, h.durable.applied);
    h.compact(h.durable.snapshot.index + 1 + draw(room));
  } else if (draw(100) >= faults_) {
    return;
  } else if (chance < 86) {
    h.crash();
  } else if (chance < 89) {
    static_cast<void>(h->transfer_leadership(node_id{1 + draw(5)}).has_value());
  } else if (chance < 94) {
    h->unreachable(node_id{1 + draw(5)});
  } else if (chance < 96) {
    h->campaign();
  } else if (chance < 97) {
    h->forget_leader();
  }
}

void simulation::write(seat& s) {
  host& h = *s.held;
  if (h.writes.empty()) {
    return;
  }
  const auto written = h.writes.front().entries;
  snapshots_ += h.writes.front().snapshot ? 1 : 0;
  h.write_one();
  check_entries(written, h.durable);
}

void simulation::restart(seat& s) {
  host& h = *s.held;
  // The state store is not synced: it may have fallen behind.
  h.durable.applied =
      h.durable.snapshot.index + draw(1 + distance(h.durable.snapshot.index, h.durable.applied));
  h.start();
  s.committed_seen = 0;
  s.handed_out = h.durable.applied;
  s.newest_commit = log_index{};
}

void simulation::read(seat& s) {
  const read_id id{next_read_++};
  const log_index chosen{chosen_.empty() ? 0 : chosen_.rbegin()->first};
  if ((*s.held)->read(id)) {
    asked_[id.value()] = {chosen, s.held->options.self.value()};
  }
}

void simulation::finish_snapshots(seat& s) {
  if (s.held->machine().soft().role != role::leader) {
    return;
  }
  for (const auto& p : s.held->machine().status().progress) {
    if (p.state == progress_state::snapshot) {
      (*s.held)->snapshot_finished(p.id, one_in(2));
    }
  }
}

void simulation::deliver_any() {
  const auto at = draw(wire_.size());
  std::swap(wire_[at], wire_.back());
  const std::uint64_t from = wire_.back().from.value();
  const std::uint64_t to = wire_.back().to.value();
  const bool is_cut = ((split_ >> from) & 1U) != ((split_ >> to) & 1U);
  const bool is_lost = is_cut || (draw(100) < faults_ && one_in(20));
  message m = wire_.back();
  const bool is_repeated = draw(100) < faults_ && one_in(20);
  if (is_lost || !is_repeated) {
    wire_.pop_back();
  }
  const auto receiver = seats_.find(to);
  if (is_lost || receiver == seats_.end() || !receiver->second.held->is_up()) {
    return;
  }
  receiver->second.held->machine().step(std::move(m));
  check(receiver->second);
}

void simulation::recover() {
  faults_ = 0;
  split_ = 0;
  for (auto& [id, s] : seats_) {
    if (!s.held->is_up()) {
      restart(s);
    }
  }
  const std::uint64_t before = chosen_.empty() ? 0 : chosen_.rbegin()->first;
  const auto is_done = [&] {
    const auto ahead = std::max_element(seats_.begin(), seats_.end(), [](auto& a, auto& b) {
      return a.second.held->durable.applied < b.second.held->durable.applied;
    });
    // Who was left out of the group is told nothing any more.
    const auto peers = ahead->second.held->durable.peers_at(log_index{~0ULL});
    return std::all_of(seats_.begin(), seats_.end(), [&](const auto& s) {
      const bool is_member = peers.contains(node_id{s.first});
      return !is_member || s.second.held->durable.applied > log_index{before};
    });
  };
  for (int n = 0; n < 400000; ++n) {
    step();
    if (n % 500 == 0 && is_done()) {
      return;
    }
  }
  require(false, "liveness: a whole group does not go on");
}

std::string simulation::describe() const {
  std::ostringstream out;
  out << "pre_vote=" << tuned_.pre_vote << " check_quorum=" << tuned_.check_quorum
      << " lease=" << (tuned_.reads == read_policy::lease) << " wire=" << wire_.size() << '\n';
  for (const auto& [id, s] : seats_) {
    const host& h = *s.held;
    if (!h.is_up()) {
      out << id << ": down\n";
      continue;
    }
    const auto at = h.machine().status();
    out << id << ": role=" << static_cast<int>(at.soft.role) << " term=" << to_string(at.hard.term)
        << " leader=" << to_string(at.soft.leader) << " applied=" << to_string(at.applied)
        << " commit=" << to_string(at.commit) << " stable=" << to_string(at.stable)
        << " last=" << to_string(at.last) << " writes=" << h.writes.size() << '\n';
    for (const auto& p : at.progress) {
      out << "   " << to_string(p.id) << ": state=" << static_cast<int>(p.state)
          << " match=" << to_string(p.match) << " next=" << to_string(p.next)
          << " paused=" << p.paused << " in_flight=" << p.in_flight << '\n';
    }
  }
  return out.str();
}

// ---- properties (Raft figure 3) -------------------------------------------------------------

void simulation::check(seat& s) {
  if (s.held->is_up()) {
    check_role(s);
    check_handed_out(s);
    check_reads(s);
  }
  for (auto& m : std::exchange(s.held->outbox, {})) {
    check_leaving(s, m);
    wire_.push_back(std::move(m));
  }
}

void simulation::check_role(seat& s) {
  const core& c = s.held->machine();
  const auto& soft = c.soft();
  require(soft.term >= s.newest_term || s.held->durable.hard.term < s.newest_term,
          "terms never fall while a member runs");
  require(c.commit() >= s.newest_commit, "the commit index never falls while a member runs");
  s.newest_term = soft.term;
  s.newest_commit = c.commit();
  if (soft.role != role::leader || s.led == soft.term) {
    return;
  }
  s.led = soft.term;
  const std::uint64_t self = s.held->options.self.value();
  const auto [known, is_new] = leaders_.emplace(soft.term.value(), self);
  require(known->second == self, "election safety: one leader a term");
  note(soft.term.value());
  for (const auto& [index, e] : chosen_) {
    const auto t = c.term_at(log_index{index});
    const bool is_compacted = log_index{index} <= s.held->durable.snapshot.index;
    require(is_compacted || t == e->term, "leader completeness: a chosen entry is in every leader");
  }
}

void simulation::check_handed_out(seat& s) {
  host& h = *s.held;
  for (; s.committed_seen < h.committed.size(); ++s.committed_seen) {
    const entry_ptr& e = h.committed[s.committed_seen];
    const bool is_next = e->index == next(s.handed_out);
    const bool is_behind_snapshot = e->index == next(h.durable.snapshot.index);
    require(is_next || is_behind_snapshot, "entries are handed out in order, once each");
    s.handed_out = e->index;
    const bool is_durable = e->index <= h.durable.last() &&
                            (e->index <= h.durable.snapshot.index || *h.durable.at(e->index) == *e);
    require(is_durable, "only durable entries are handed out");
    const auto [first, is_new] = chosen_.emplace(e->index.value(), e);
    require(*first->second == *e, "state machine safety: every processor sees the same entry");
    note(e->index.value() * 31 + e->term.value());
    if (!is_new) {
      continue;
    }
    votes holders;
    for (const auto& [id, other] : seats_) {
      const disk& d = other.held->durable;
      const bool holds =
          e->index <= d.snapshot.index || (e->index <= d.last() && d.at(e->index)->term == e->term);
      holders.record(node_id{id}, holds);
    }
    // Joint phase or not, the new majority is asked for by every configuration used here.
    configuration incoming = initial_.snapshot.peers;
    incoming.outgoing.clear();
    require(holders.result(incoming) == vote_result::won, "a chosen entry is on a quorum's disks");
  }
}

void simulation::check_reads(seat& s) {
  for (const auto& r : std::exchange(s.held->reads, {})) {
    const auto asked = asked_.find(r.id.value());
    require(asked != asked_.end(), "a read is answered once");
    require(r.index >= asked->second.chosen_then,
            "reads see what was chosen before they were asked");
    asked_.erase(asked);
    ++reads_served_;
  }
  for (const auto& id : std::exchange(s.held->reads_failed, {})) {
    require(asked_.erase(id.value()) == 1, "a read fails once");
  }
}

// By induction over all entries ever written: same index and term, then same data and same past.
void simulation::check_entries(const entries& written, const disk& d) {
  for (const auto& e : written) {
    if (e->index <= d.snapshot.index) {
      continue;
    }
    const log_index before = previous(e->index);
    const auto term_before = before == d.snapshot.index ? d.snapshot.term : d.at(before)->term;
    const auto [known, is_new] =
        known_.emplace(std::pair{e->index.value(), e->term.value()},
                       std::pair{std::string(e->data.view()), term_before.value()});
    require(known->second.first == e->data.view() && known->second.second == term_before.value(),
            "log matching: one entry for an index and a term, with one past");
  }
}

void simulation::check_leaving(seat& s, const message& m) {
  const disk& d = s.held->durable;
  if (const auto* vote = std::get_if<vote_response>(&m.body)) {
    if (vote->granted && !vote->pre_vote) {
      const auto [cast, is_new] =
          votes_.emplace(std::pair{m.term.value(), m.from.value()}, m.to.value());
      require(cast->second == m.to.value(), "one vote a term");
      require(d.hard.term >= m.term, "a vote leaves once it is durable");
    }
  } else if (const auto* ask = std::get_if<vote_request>(&m.body)) {
    require(ask->pre_vote || d.hard.term >= m.term, "a campaign leaves once its vote is durable");
  } else if (const auto* said = std::get_if<append_response>(&m.body)) {
    const bool is_current = s.held->is_up() && s.held->machine().soft().term == m.term;
    require(!said->accepted || !is_current || d.last() >= said->matched,
            "an acceptance leaves once its entries are durable");
    require(d.hard.term >= m.term, "an answer leaves once its term is durable");
  }
  note((m.from.value() << 8U) ^ m.to.value() ^ (m.body.index() << 16U) ^ (m.term.value() << 24U));
}

}  // namespace troupe::raft::testing

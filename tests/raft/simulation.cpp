#include "simulation.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace troupe::raft::testing {

namespace {

node_view view_of(const host& h) {
  return {h.options.self, h.is_up() ? &h.machine() : nullptr, &h.durable};
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
  tuned_.spare_bytes_max = tuned_.cached_bytes_max / 4;
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
    truth_.started(view_of(*s.held));
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
  } else if (chance < 99) {
    h->storage_stalled(draw(2) == 0);
  }
}

void simulation::write(seat& s) {
  host& h = *s.held;
  if (h.writes.empty()) {
    return;
  }
  const auto performed = h.writes.front();
  snapshots_ += performed.snapshot ? 1 : 0;
  h.write_one();
  truth_.persisted(view_of(h), performed);
}

void simulation::restart(seat& s) {
  host& h = *s.held;
  // The state store is not synced: it may have fallen behind.
  h.durable.applied =
      h.durable.snapshot.index + draw(1 + distance(h.durable.snapshot.index, h.durable.applied));
  h.start();
  s.committed_seen = 0;
  s.handed_out = h.durable.applied;
  truth_.started(view_of(h));
}

void simulation::read(seat& s) {
  const read_id id{next_read_++};
  if ((*s.held)->read(id)) {
    truth_.read_asked(s.held->options.self, id);
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
    s.held->machine().storage_stalled(false);
  }
  const auto before = truth_.chosen();
  const auto is_done = [&] {
    const auto ahead = std::max_element(seats_.begin(), seats_.end(), [](auto& a, auto& b) {
      return a.second.held->durable.applied < b.second.held->durable.applied;
    });
    // Who was left out of the group is told nothing any more.
    const auto peers = ahead->second.held->durable.peers_at(log_index{~0ULL});
    return std::all_of(seats_.begin(), seats_.end(), [&](const auto& s) {
      const bool is_member = peers.contains(node_id{s.first});
      return !is_member || s.second.held->durable.applied > before;
    });
  };
  for (int n = 0; n < 400000; ++n) {
    step();
    if (n % 500 == 0 && is_done()) {
      return;
    }
  }
  throw std::logic_error("liveness: a whole group does not go on");
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
  views_.clear();
  for (const auto& [id, other] : seats_) {
    views_.push_back(view_of(*other.held));
  }
  truth_.observe(view_of(*s.held), views_);
  if (s.held->is_up()) {
    check_handed_out(s);
    check_reads(s);
  }
  for (auto& m : std::exchange(s.held->outbox, {})) {
    truth_.leaves(view_of(*s.held), m);
    note((m.from.value() << 8U) ^ m.to.value() ^ (m.body.index() << 16U) ^ (m.term.value() << 24U));
    wire_.push_back(std::move(m));
  }
}

void simulation::check_handed_out(seat& s) {
  const host& h = *s.held;
  const auto seen = static_cast<std::ptrdiff_t>(s.committed_seen);
  if (s.committed_seen == h.committed.size()) {
    return;
  }
  const entries fresh(h.committed.begin() + seen, h.committed.end());
  truth_.handed_out(view_of(h), fresh);
  s.committed_seen = h.committed.size();
  s.handed_out = fresh.back()->index;
  for (const auto& e : fresh) {
    note(e->index.value() * 31 + e->term.value());
  }
}

void simulation::check_reads(seat& s) {
  const auto self = s.held->options.self;
  for (const auto& r : std::exchange(s.held->reads, {})) {
    truth_.read_ready(self, r);
    ++reads_served_;
  }
  for (const auto& id : std::exchange(s.held->reads_failed, {})) {
    truth_.read_failed(self, id);
  }
}

}  // namespace troupe::raft::testing

#include "host.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace troupe::raft::testing {

// ---- disk -----------------------------------------------------------------------------------

void disk::perform(const write& w) {
  if (w.hard) {
    hard = *w.hard;
  }
  if (w.snapshot) {
    snapshot = w.snapshot->point;
    log.clear();
    applied = snapshot.index;
  }
  if (!w.entries.empty()) {
    const log_index first = w.entries.front()->index;
    if (first <= snapshot.index || first > next(last())) {
      throw std::logic_error("a write leaves a gap in the log");
    }
    log.resize(distance(snapshot.index, first) - 1);
    log.insert(log.end(), w.entries.begin(), w.entries.end());
  }
}

void disk::compact_to(log_index index) {
  if (index <= snapshot.index) {
    return;
  }
  const auto peers = peers_at(index);
  const auto gone = static_cast<std::ptrdiff_t>(distance(snapshot.index, index));
  snapshot = {.index = index, .term = at(index)->term, .peers = peers};
  log.erase(log.begin(), log.begin() + gone);
}

configuration disk::peers_at(log_index index) const {
  configuration peers = snapshot.peers;
  for (const auto& e : log) {
    if (e->index <= index && e->peers) {
      peers = *e->peers;
    }
  }
  return peers;
}

restored_state disk::restore() const {
  restored_state s;
  s.hard = hard;
  s.snapshot = snapshot;
  s.last = last();
  s.applied = applied;
  for (const auto& e : log) {
    if (s.terms.empty() || s.terms.back().second != e->term) {
      s.terms.emplace_back(e->index, e->term);
    }
    if (e->peers) {
      s.configurations.emplace_back(e->index, *e->peers);
    }
  }
  return s;
}

entries disk::read(const fetch& f) const {
  entries found;
  std::uint64_t bytes = 0;
  for (log_index i = f.first; i <= std::min(f.last, last()) && i > snapshot.index; i = next(i)) {
    const auto& e = at(i);
    bytes += e->size_bytes();
    if (!found.empty() && bytes > f.bytes_max) {
      break;
    }
    found.push_back(e);
  }
  return found;
}

// ---- host -----------------------------------------------------------------------------------

host::host(core_options o, disk held) : options(o), durable(std::move(held)) {
  start();
}

void host::start() {
  committed.clear();
  machine_.emplace(options, durable.restore());
}

void host::crash() {
  machine_.reset();
  writes.clear();
  outbox.clear();
  reads.clear();
  reads_failed.clear();
  fetches.clear();
}

void host::compact(log_index index) {
  durable.compact_to(index);
  machine_->compacted(index);
}

void host::answer(const fetch& f) {
  machine_->fetched(f, durable.read(f));
}

bool host::answer_one() {
  if (fetches.empty()) {
    return false;
  }
  const fetch oldest = fetches.front();
  fetches.erase(fetches.begin());
  answer(oldest);
  return true;
}

void host::apply_to(log_index index) {
  machine_->applied(index);
  durable.applied = std::max(durable.applied, index);
}

bool host::take_one() {
  if (!machine_->has_output()) {
    return false;
  }
  output out = machine_->take_output();
  if (out.write) {
    writes.push_back(std::move(*out.write));
  }
  std::move(out.messages.begin(), out.messages.end(), std::back_inserter(outbox));
  for (const auto& e : out.committed) {
    committed.push_back(e);
    if (applies) {
      apply_to(e->index);
    }
  }
  reads.insert(reads.end(), out.reads.begin(), out.reads.end());
  reads_failed.insert(reads_failed.end(), out.reads_failed.begin(), out.reads_failed.end());
  for (const auto& f : out.fetches) {
    if (answers_fetches) {
      answer(f);
    } else {
      fetches.push_back(f);
    }
  }
  for (const auto& s : out.snapshots) {
    snapshots_wanted.push_back(s.to);
    if (sends_snapshots) {
      machine_->snapshot_ready(s.to, {.point = {.index = durable.applied,
                                                .term = *machine_->term_at(durable.applied),
                                                .peers = durable.peers_at(durable.applied)},
                                      .source = {}});
    }
  }
  return true;
}

bool host::write_one() {
  if (writes.empty()) {
    return false;
  }
  write w = std::move(writes.front());
  writes.pop_front();
  durable.perform(w);
  std::move(w.replies.begin(), w.replies.end(), std::back_inserter(outbox));
  machine_->log_stable(w.sequence);
  return true;
}

void host::run() {
  while (take_one() || write_one()) {
  }
}

void host::receive(std::uint64_t sender, std::uint64_t term, message_body body) {
  machine_->step({node_id{sender}, options.self, raft::term{term}, std::move(body)});
  run();
}

// ---- values ---------------------------------------------------------------------------------

core_options options_of(std::uint64_t id) {
  core_options o;
  o.self = node_id{id};
  o.election_timeout_ticks = 10;
  o.heartbeat_ticks = 1;
  o.restart_grace = false;
  return o;
}

std::vector<node_id> ids(const std::vector<std::uint64_t>& numbers) {
  std::vector<node_id> all;
  std::transform(numbers.begin(), numbers.end(), std::back_inserter(all),
                 [](std::uint64_t n) { return node_id{n}; });
  return all;
}

disk disk_of(std::vector<std::uint64_t> voters, std::vector<std::uint64_t> learners,
             std::uint64_t index) {
  disk d;
  d.snapshot = {.index = log_index{index},
                .term = raft::term{index == 0 ? 0U : 1U},
                .peers = make_configuration(ids(voters), ids(learners))};
  d.hard.term = d.snapshot.term;
  d.applied = d.snapshot.index;
  return d;
}

disk disk_with(std::vector<std::uint64_t> voters, const std::vector<std::uint64_t>& terms,
               std::uint64_t hard_term) {
  disk d = disk_of(std::move(voters));
  d.hard.term = raft::term{hard_term};
  for (const auto t : terms) {
    d.log.push_back(make_entry(d.last().value() + 1, t));
  }
  return d;
}

bool aborts(const std::function<void()>& action) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    std::freopen("/dev/null", "w", stderr);
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

host follower_with(disk held, const tuning& tune) {
  auto options = options_of(1);
  if (tune) {
    tune(options);
  }
  return {options, std::move(held)};
}

host leader_with(disk held, const tuning& tune) {
  auto h = follower_with(std::move(held), [&tune](core_options& o) {
    o.pre_vote = false;
    if (tune) {
      tune(o);
    }
  });
  h->campaign();
  h.run();
  const auto term = h->soft().term.value();
  for (const node_id voter : h.durable.peers_at(h.durable.last()).members()) {
    if (voter != h.options.self && h->soft().role == role::candidate) {
      h.receive(voter.value(), term, granted());
    }
  }
  if (h->soft().role != role::leader) {
    throw std::logic_error("not elected");
  }
  h.outbox.clear();
  return h;
}

append_request append_of(std::uint64_t previous_index, std::uint64_t previous_term,
                         std::uint64_t commit, entries all) {
  return {.previous_index = log_index{previous_index},
          .previous_term = term{previous_term},
          .commit = log_index{commit},
          .entries = std::move(all)};
}

append_response accepted_to(std::uint64_t matched) {
  append_response r;
  r.accepted = true;
  r.matched = log_index{matched};
  return r;
}

vote_response granted() {
  return {.pre_vote = false, .granted = true};
}

entry_ptr make_entry(std::uint64_t index, std::uint64_t t, std::string data) {
  entry e;
  e.index = log_index{index};
  e.term = raft::term{t};
  e.type = entry_type::data;
  e.data = bytes(std::move(data));
  return std::make_shared<const entry>(std::move(e));
}

entry_ptr make_configuration_entry(std::uint64_t index, std::uint64_t t, configuration peers) {
  entry e;
  e.index = log_index{index};
  e.term = raft::term{t};
  e.type = entry_type::configuration;
  e.peers = std::move(peers);
  return std::make_shared<const entry>(std::move(e));
}

}  // namespace troupe::raft::testing

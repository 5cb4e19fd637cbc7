#include "tests/raft/script/stage.hpp"

#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/script_file.hpp"

namespace troupe::raft::script {

// ---- members --------------------------------------------------------------------------------

void stage::add(member_setup setup) {
  setup.options.self = next_id();
  members_.push_back(std::make_unique<member>(std::move(setup)));
  auto& m = *members_.back();
  truth.started(m.view());
  m.told_commit = m.machine->commit();
  m.told = m.machine->soft();
  out.info(to_string(m.id()) + ": term=" + to_string(m.durable.hard.term) +
           " log=" + to_string(m.durable.snapshot.index) + ".." + to_string(m.durable.last()) +
           " " + describe(m.machine->peers()));
}

member& stage::at(node_id id) {
  if (id.is_none() || id.value() > members_.size()) {
    throw script_error("there is no member " + to_string(id));
  }
  return *members_[id.value() - 1];
}

core& stage::running(node_id id) {
  auto& m = at(id);
  if (!m.machine) {
    throw not_possible(to_string(id) + " is down");
  }
  return *m.machine;
}

std::vector<node_id> stage::ids() const {
  std::vector<node_id> all;
  for (const auto& m : members_) {
    all.push_back(m->id());
  }
  return all;
}

void stage::start(member& m) {
  m.start();
  truth.started(m.view());
  m.told = m.machine->soft();
  m.told_commit = m.machine->commit();
  out.info(to_string(m.id()) + " starts: term=" + to_string(m.durable.hard.term) +
           " vote=" + to_string(m.durable.hard.vote) + " last=" + to_string(m.durable.last()) +
           " applied=" + to_string(m.durable.applied));
}

void stage::stop(member& m) {
  m.stop();
  wire.forget_local(m.id());
  out.info(to_string(m.id()) + " is down");
}

void stage::after_input(member& m) {
  const auto soft = m.machine->soft();
  const auto commit = m.machine->commit();
  if (soft.role == role::leader && (m.told.role != role::leader || m.told.term != soft.term)) {
    m.first_of_term = m.machine->status().last;
  }
  if (soft != m.told || commit != m.told_commit) {
    out.info(to_string(m.id()) + ": " + describe(soft.role) + " term=" + to_string(soft.term) +
             " leader=" + to_string(soft.leader) + " commit=" + to_string(commit));
    m.told = soft;
    m.told_commit = commit;
  }
  std::vector<testing::node_view> views;
  for (const auto& each : members_) {
    views.push_back(each->view());
  }
  truth.observe(m.view(), views);
  propose_kept(m);
}

// ---- outputs --------------------------------------------------------------------------------

void stage::post(envelope e) {
  if (const auto* m = std::get_if<message>(&e.what)) {
    truth.leaves(at(e.from).view(), *m);
  }
  const bool is_local = e.is_local();
  const auto line = describe(e);
  if (!wire.post(std::move(e))) {
    out.warn("lost: " + line);
  } else if (!is_local) {
    out.info(line);
  }
}

void stage::process_output(member& m) {
  output taken = running(m.id()).take_output();
  if (taken.write) {
    out.info(describe(*taken.write));
  }
  for (auto& msg : taken.messages) {
    post({msg.from, msg.to, std::move(msg)});
  }
  if (taken.write && m.is_async) {
    m.appends.push_back(std::move(*taken.write));
  } else if (taken.write) {
    perform(m, std::move(*taken.write));
    if (!m.machine) {
      return;
    }
  }
  if (!taken.committed.empty()) {
    truth.handed_out(m.view(), taken.committed);
    hand_out(m, taken.committed);
  }
  if (taken.makes_way_to) {
    out.info("makes way to " + to_string(*taken.makes_way_to));
  }
  for (const auto& f : taken.fetches) {
    answer(m, f);
  }
  for (const auto& wanted : taken.snapshots) {
    out.info(to_string(wanted.to) + " needs a snapshot");
    if (!m.holds_snapshots) {
      provide_snapshot(m, wanted.to);
    }
  }
  finish_reads(m, taken);
  after_input(m);
}

void stage::perform(member& m, write w) {
  if (m.fails_next_append) {
    out.warn("write " + to_string(w.sequence) + " fails");
    if (m.keeps_failed_append) {
      m.perform(w);
      truth.persisted(m.view(), w);
    }
    // A failed sync stops the node: nothing is retried on top of it.
    stop(m);
    return;
  }
  m.perform(w);
  truth.persisted(m.view(), w);
  for (auto& reply : w.replies) {
    post({reply.from, reply.to, std::move(reply)});
  }
  if (m.is_async) {
    post({m.id(), m.id(), stored{w.sequence}});
    return;
  }
  m.machine->log_stable(w.sequence);
  after_input(m);
}

void stage::hand_out(member& m, const entries& committed) {
  if (m.is_async) {
    out.info("queues to apply " + to_string(committed.front()->index) + ".." +
             to_string(committed.back()->index));
    m.applies.push_back(committed);
    return;
  }
  for (const auto& e : committed) {
    out.info("applies " + describe(*e));
  }
  m.apply(committed);
  m.machine->applied(committed.back()->index);
}

void stage::finish_reads(member& m, const output& taken) {
  const auto name_of = [this](read_id id) {
    for (const auto& [name, known] : reads_) {
      if (known == id) {
        return name;
      }
    }
    throw std::logic_error("a read that nobody asked for");
  };
  for (const auto& r : taken.reads) {
    truth.read_ready(m.id(), r);
    results_.push_back({m.id(), name_of(r.id), r.index});
    out.info("read " + name_of(r.id) + " may be served at " + to_string(r.index));
  }
  for (const auto& id : taken.reads_failed) {
    truth.read_failed(m.id(), id);
    results_.push_back({m.id(), name_of(id), log_index{}});
    out.info("read " + name_of(id) + " fails");
  }
}

void stage::answer(member& m, const fetch& f) {
  out.debug("reads " + to_string(f.first) + ".." + to_string(f.last) + " from its log");
  m.machine->fetched(f, m.durable.read(f));
}

void stage::provide_snapshot(member& m, node_id to) {
  auto s = m.snapshot();
  out.info("snapshot " + describe(s.point) + " for " + to_string(to));
  running(m.id()).snapshot_ready(to, std::move(s));
}

// ---- queues ---------------------------------------------------------------------------------

bool stage::process_append(member& m) {
  if (m.appends.empty()) {
    return false;
  }
  write w = std::move(m.appends.front());
  m.appends.pop_front();
  out.info("performs write " + to_string(w.sequence));
  perform(m, std::move(w));
  return true;
}

bool stage::process_apply(member& m) {
  if (m.applies.empty()) {
    return false;
  }
  const entries committed = std::move(m.applies.front());
  m.applies.pop_front();
  for (const auto& e : committed) {
    const bool is_covered = e->index <= m.durable.applied;  // by a snapshot that came first
    out.info((is_covered ? "passes over " : "applies ") + describe(*e));
  }
  m.apply(committed);
  post({m.id(), m.id(), processed{committed.back()->index}});
  return true;
}

void stage::process_queues(member& m) {
  while (process_append(m)) {
  }
  while (process_apply(m)) {
  }
}

// ---- deliveries -----------------------------------------------------------------------------

std::size_t stage::deliver(const delivery& d, bool keep) {
  auto taken = wire.take(d, keep, false);
  for (auto& e : taken) {
    receive(std::move(e));
  }
  return taken.size();
}

std::size_t stage::drop(const delivery& d) {
  const auto taken = wire.take(d, false, true);
  for (const auto& e : taken) {
    out.warn("dropped: " + describe(e));
  }
  return taken.size();
}

void stage::receive(envelope e) {
  member& m = at(e.to);
  (e.is_local() ? out.debug(describe(e)) : out.info(describe(e)));
  if (!m.machine) {
    out.warn("lost: " + to_string(e.to) + " is down");
    return;
  }
  if (auto* msg = std::get_if<message>(&e.what)) {
    m.machine->step(std::move(*msg));
  } else if (const auto* s = std::get_if<stored>(&e.what)) {
    m.machine->log_stable(s->sequence);
  } else if (const auto* p = std::get_if<processed>(&e.what)) {
    m.machine->applied(p->index);
  } else if (const auto& request = std::get<passed_on>(e.what); request.is_change) {
    propose_change(m, request.change);
  } else {
    propose(m, std::string(request.data.view()), std::nullopt);
  }
  after_input(m);
}

bool stage::process_all_once(const std::vector<node_id>& ids) {
  bool has_done = false;
  const auto doing = [&](node_id id, const char* what, const auto& action) {
    out.info("> " + to_string(id) + " " + what);
    const transcript::indented in(out);
    has_done = true;
    action(at(id));
  };
  for (const node_id id : ids) {
    if (at(id).machine && at(id).machine->has_output()) {
      doing(id, "takes its output", [this](member& m) { process_output(m); });
    }
  }
  for (const node_id id : ids) {
    if (wire.has_for(id)) {
      doing(id, "receives", [this](member& m) { deliver({m.id(), "", std::nullopt}, false); });
    }
  }
  for (const node_id id : ids) {
    if (!at(id).appends.empty() || !at(id).applies.empty()) {
      doing(id, "works on its queues", [this](member& m) { process_queues(m); });
    }
  }
  return has_done;
}

void stage::stabilize(const std::vector<node_id>& ids) {
  constexpr int rounds_max = 10000;
  for (int n = 0; n < rounds_max; ++n) {
    if (!process_all_once(ids)) {
      return;
    }
  }
  throw not_possible("the members do not come to rest");
}

}  // namespace troupe::raft::script

#include "tests/raft/script/member.hpp"

#include <algorithm>

namespace troupe::raft::script {

member::member(member_setup setup)
    : options(setup.options),
      is_async(setup.is_async),
      holds_snapshots(setup.holds_snapshots),
      durable(std::move(setup.held)) {
  history_.push_back({durable.applied, std::move(setup.content)});
  start();
}

void member::stop() {
  machine.reset();
  appends.clear();
  applies.clear();
  kept_changes.clear();
  fails_next_append = false;
}

void member::fall_back_to(log_index applied) {
  while (history_.size() > 1 && history_.back().index > applied) {
    history_.pop_back();
  }
  durable.applied = std::max(history_.back().index, durable.snapshot.index);
}

void member::apply(const entries& committed) {
  for (const auto& e : committed) {
    if (e->index <= durable.applied) {
      continue;  // a snapshot came first
    }
    const bool is_command = e->type == entry_type::data;
    history_.push_back({e->index, content() + (is_command ? std::string(e->data.view()) : "")});
    durable.applied = e->index;
  }
}

void member::perform(const write& w) {
  durable.perform(w);
  if (w.snapshot) {
    history_ = {{w.snapshot->point.index, std::string(w.snapshot->source.view())}};
  }
}

install_snapshot member::snapshot() const {
  const auto index = durable.applied;
  const auto t = index == durable.snapshot.index ? durable.snapshot.term : durable.at(index)->term;
  return {.point = {.index = index, .term = t, .peers = durable.peers_at(index)},
          .source = bytes(content())};
}

}  // namespace troupe::raft::script

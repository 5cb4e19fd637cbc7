// Snapshots: exported at the applied point, carried in chunks, made durable beside the state, then
// announced to the core. The log is replaced first; the state follows, at the next start if need
// be.
#include <algorithm>

#include "codec/frame.hpp"
#include "tests/simulation/world.hpp"

namespace troupe::simulation {

void world::on_export(member& m, raft::node_id to) {
  const auto& state = m.state.now();
  if (state.applied().is_none() || !state.knows_peers()) {
    m.core->snapshot_finished(to, false);
    after_input(m);
    return;
  }
  trace_.note(happening::snapshot_exported, m.node, m.group, state.applied().value(), to.value());
  exported_.push_back(std::make_shared<const std::string>(state.exported()));
  raft::install_snapshot s{.point = state.point(),
                           .source = raft::bytes(std::to_string(exported_.size() - 1))};
  tell_ticks(m);
  m.core->snapshot_ready(to, std::move(s));
  after_input(m);
}

void world::begin_transfer(member& m, raft::message msg) {
  auto* to = find(msg.to);
  if (to == nullptr) {
    return;
  }
  auto& n = node_of(m);
  const auto& s = std::get<raft::install_snapshot>(msg.body);
  transfer t;
  t.from = n.index;
  t.to = to->index;
  t.from_life = n.life;
  t.to_life = to->life;
  t.group = m.group;
  t.chunks_left = plan_.chunks_per_snapshot;
  t.content = exported_[std::stoul(std::string(s.source.view()))];
  t.announced = std::move(msg);
  transfers_.push_back(std::move(t));
  arrange(spread(plan_.travel_units), event_kind::chunk, n, m.group,
          static_cast<std::uint32_t>(transfers_.size() - 1));
}

void world::on_chunk(node& sender, std::uint32_t at) {
  auto& t = transfers_[at];
  auto& to = *nodes_[t.to];
  const bool is_cut = sender.links[t.to].cuts > 0 || to.links[t.from].cuts > 0;
  const bool is_gone = !to.is_up || to.life != t.to_life || is_refused(sender, to);
  const bool breaks =
      !is_settling_ && plan_.faults.has(fault::broken_transfer) && chance_.one_in(8);
  if (is_cut || is_gone || breaks) {
    if (breaks) {
      trace_.strike(fault::broken_transfer, sender.index, t.chunks_left);
    }
    trace_.note(happening::snapshot_broken, sender.index, t.group, t.chunks_left);
    finish_transfer(at, false);
    return;
  }
  if (--t.chunks_left > 0) {
    arrange(spread(plan_.travel_units), event_kind::chunk, sender, t.group, at);
    return;
  }
  arrange(spread(plan_.sync_units), event_kind::staged, to, t.group, at);
}

/// The receiver has all of it on disk, under its final name.
void world::on_staged(node& receiver, std::uint32_t at) {
  const auto& t = transfers_[at];
  auto& m = *receiver.members[t.group];
  if (!receiver.is_up || receiver.life != t.to_life || crashes_here(receiver)) {
    finish_transfer(at, false);
    return;
  }
  std::string body;
  codec::append_message(raft::group_id{t.group + 1}, t.announced, body);
  auto decoded = codec::decode_messages(raft::bytes(std::move(body)));
  require(decoded.has_value() && decoded->size() == 1, "a snapshot's message is decoded");
  auto& msg = decoded->front().message;
  const auto& point = std::get<raft::install_snapshot>(msg.body).point;
  trace_.note(happening::snapshot_arrived, receiver.index, t.group, point.index.value());
  m.staged.push_back({point, t.content});
  if (m.staged.size() > 8) {
    m.staged.erase(m.staged.begin());
  }
  finish_transfer(at, true);
  tell_ticks(m);
  m.core->step(std::move(msg));
  after_input(m);
}

void world::finish_transfer(std::uint32_t at, bool ok) {
  const auto& t = transfers_[at];
  auto& sender = *nodes_[t.from];
  if (sender.is_up && sender.life == t.from_life) {
    arrange(spread(plan_.travel_units), event_kind::transfer_end, sender, t.group, at, ok ? 1 : 0);
  }
}

void world::on_transfer_end(node& sender, std::uint32_t at, bool ok) {
  auto& t = transfers_[at];
  t.content.reset();
  auto& m = *sender.members[t.group];
  tell_ticks(m);
  m.core->snapshot_finished(t.announced.to, ok);
  after_input(m);
}

void world::install(member& m, const raft::snapshot_point& point, happening how) {
  const auto at = std::find_if(m.staged.begin(), m.staged.end(), [&point](const auto& s) {
    return s.point.index == point.index && s.point.term == point.term;
  });
  require(at != m.staged.end(), "what the log was replaced by is on disk");
  require(at->point.peers == point.peers, "a snapshot has one configuration");
  m.state.install(replicated_state::imported(*at->content, at->point));
  groups_[m.group].installed(m.state.now());
  trace_.note(how, m.node, m.group, point.index.value(), point.term.value());
  m.staged.erase(std::remove_if(m.staged.begin(), m.staged.end(),
                                [&point](const auto& s) { return s.point.index <= point.index; }),
                 m.staged.end());
}

}  // namespace troupe::simulation

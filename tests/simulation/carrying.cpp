// Frames between nodes: encoded, carried, lost, repeated, damaged, decoded.
#include "codec/frame.hpp"
#include "tests/simulation/world.hpp"

namespace troupe::simulation {

namespace {

raft::group_id id_of(std::uint32_t group) {
  return raft::group_id{group + 1};
}

}  // namespace

void world::post(member& m, raft::message msg) {
  if (std::holds_alternative<raft::install_snapshot>(msg.body)) {
    begin_transfer(m, std::move(msg));
    return;
  }
  const auto* to = find(msg.to);
  if (to == nullptr) {
    return;
  }
  auto& n = node_of(m);
  auto& body = n.links[to->index].body;
  if (body.empty()) {
    n.used.push_back(to->index);
  }
  codec::append_message(id_of(m.group), msg, body);
}

void world::flush_links(node& n) {
  for (const auto to : n.used) {
    auto& body = n.links[to].body;
    auto bytes = std::make_shared<const std::string>(
        codec::encode_frame(codec::frame_kind::raft_messages, body));
    body.clear();
    carry(n, *nodes_[to], std::move(bytes));
  }
  n.used.clear();
}

/// The hello of a connection says whose disks they are: others under a known id are refused.
bool world::is_refused(const node& from, const node& to) const {
  return disk_marks_[from.id.value()] != from.disk_mark ||
         disk_marks_[to.id.value()] != to.disk_mark;
}

void world::carry(node& from, node& to, std::shared_ptr<const std::string> bytes) {
  trace_.note(
      happening::frame_sent, from.index, to.index, bytes->size(),
      codec::decode_frame_header({bytes->data(), codec::frame_header_bytes}).value().checksum);
  auto& link = from.links[to.index];
  const bool is_lost = !is_settling_ && chance_.per_mille(plan_.loss_per_mille);
  if (link.cuts > 0 || is_lost) {
    if (is_lost) {
      trace_.strike(fault::loss, from.index, to.index);
    }
    lose(from, to);
    return;
  }
  frame f{.bytes = std::move(bytes), .from = from.index, .is_damaged = false};
  std::uint64_t travel = spread(plan_.travel_units);
  std::uint32_t copies = 1;
  if (!is_settling_) {
    if (chance_.per_mille(plan_.delay_per_mille)) {
      trace_.strike(fault::delay, from.index, to.index);
      if (chance_.one_in(4)) {
        // The stream stalls: everything behind arrives late as well.
        link.last_arrival =
            std::max(link.last_arrival, timeline_.now() + spread(2 * plan_.timeout_units()));
      } else {
        travel += spread(plan_.timeout_units());
      }
    }
    if (chance_.per_mille(plan_.duplicate_per_mille)) {
      trace_.strike(fault::duplication, from.index, to.index);
      copies = 2;
    }
    if (chance_.per_mille(plan_.corrupt_per_mille)) {
      trace_.strike(fault::corruption, from.index, to.index);
      std::string damaged(*f.bytes);
      damaged[chance_.below(damaged.size())] ^= static_cast<char>(1 + chance_.below(255));
      f.bytes = std::make_shared<const std::string>(std::move(damaged));
      f.is_damaged = true;
    }
  }
  // One link is one stream: nothing overtakes, unless connections are exchanged meanwhile.
  const auto now = timeline_.now();
  if (!is_settling_ && chance_.per_mille(plan_.reorder_per_mille)) {
    trace_.strike(fault::reorder, from.index, to.index);
    travel += spread(plan_.travel_units * 4);
  } else {
    travel = std::max(now + travel, link.last_arrival) - now;
    link.last_arrival = now + travel;
  }
  for (; copies > 0; --copies) {
    arrange(travel, event_kind::arrive, to, 0, take_frame(f));
    travel += spread(plan_.travel_units * 8);
  }
}

std::uint32_t world::take_frame(frame f) {
  if (free_frames_.empty()) {
    frames_.push_back(std::move(f));
    return static_cast<std::uint32_t>(frames_.size() - 1);
  }
  const auto slot = free_frames_.back();
  free_frames_.pop_back();
  frames_[slot] = std::move(f);
  return slot;
}

/// The sender's link may notice that something did not arrive. Quiescence rests on links that do.
void world::lose(node& from, node& to) {
  trace_.note(happening::link_lost, from.index, to.index);
  const bool quiesces = plan_.core.quiesce_after_ticks > 0;
  if (quiesces || (plan_.tells_unreachable && chance_.one_in(8))) {
    notice_down(from, to);
  }
  if (quiesces) {
    notice_down(to, from);
  }
}

void world::notice_down(node& at, const node& peer) {
  if (at.is_up) {
    arrange(spread(100), event_kind::unreachable, at, 0,
            static_cast<std::uint32_t>(peer.id.value()));
  }
}

void world::on_unreachable(node& n, raft::node_id peer) {
  for (auto& m : n.members) {
    tell_ticks(*m);
    if (plan_.tells_unreachable) {
      m->core->unreachable(peer);
    } else {
      m->core->wake();
    }
    after_input(*m);
  }
}

void world::on_arrive(node& to, std::uint32_t slot) {
  const frame f = std::move(frames_[slot]);
  free_frames_.push_back(slot);
  auto& from = *nodes_[f.from];
  if (!to.is_up || from.links[to.index].cuts > 0) {
    lose(from, to);
    return;
  }
  if (is_refused(from, to)) {
    trace_.note(happening::impostor_refused, to.index, from.index);
    return;
  }
  const std::string_view all = *f.bytes;
  const auto header = codec::decode_frame_header(all.substr(0, codec::frame_header_bytes));
  const auto body = all.substr(codec::frame_header_bytes);
  if (!header || !codec::frame_body_matches(*header, body)) {
    require(f.is_damaged, "a frame that is whole is accepted");
    trace_.note(happening::frame_refused, to.index, from.index);
    lose(from, to);
    return;
  }
  require(!f.is_damaged, "a damaged frame is refused");
  auto decoded = codec::decode_messages(raft::bytes(f.bytes, body));
  require(decoded.has_value(), "what a member encoded another one can decode");
  trace_.note(happening::frame_arrived, to.index, from.index, decoded->size());
  for (auto& [group, msg] : *decoded) {
    trace_.step();
    auto& m = *to.members[group.value() - 1];
    tell_ticks(m);
    m.core->step(std::move(msg));
    after_input(m);
  }
}

}  // namespace troupe::simulation

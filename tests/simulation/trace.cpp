#include "tests/simulation/trace.hpp"

#include <algorithm>

#include "tests/simulation/chance.hpp"

namespace troupe::simulation {

namespace {

constexpr std::array<const char*, happening_count> names = {
    "frame_sent",
    "frame_arrived",
    "frame_refused",
    "impostor_refused",
    "link_lost",
    "became_candidate",
    "became_leader",
    "left_leadership",
    "truncated",
    "batch_written",
    "batch_synced",
    "batch_survived",
    "stable",
    "applied",
    "dedup_hit",
    "refused_by_processor",
    "state_rolled_back",
    "state_flushed",
    "log_compacted",
    "entries_fetched",
    "snapshot_wanted",
    "snapshot_exported",
    "snapshot_arrived",
    "snapshot_broken",
    "snapshot_installed",
    "snapshot_recovered",
    "proposed",
    "proposal_refused",
    "proposal_failed_early",
    "write_acknowledged",
    "write_replaced",
    "client_retried",
    "client_gave_up",
    "read_asked",
    "read_served",
    "lease_read",
    "follower_read",
    "read_failed",
    "change_proposed",
    "change_refused",
    "change_committed",
    "joint_entered",
    "joint_left",
    "leader_removed",
    "transfer_asked",
    "transferred",
    "made_way",
    "quiesced",
    "crashed",
    "stopped",
    "started",
    "wiped",
    "healed",
    "settled",
};
static_assert(names.back() != nullptr, "every happening has a name");

}  // namespace

const char* name_of(happening h) {
  return names[static_cast<std::size_t>(h)];
}

void tally::add(const tally& other) {
  for (std::size_t i = 0; i < happened.size(); ++i) {
    happened[i] += other.happened[i];
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    faults[i] += other.faults[i];
  }
  steps += other.steps;
}

void trace::note(happening h, std::uint32_t node, std::uint32_t group, std::uint64_t a,
                 std::uint64_t b) {
  ++tally_.happened[static_cast<std::size_t>(h)];
  keep({now_, a, b, node, static_cast<std::uint16_t>(group), static_cast<std::uint8_t>(h)});
}

void trace::strike(fault f, std::uint32_t node, std::uint64_t a) {
  ++tally_.faults[static_cast<std::size_t>(f)];
  keep({now_, a, 0, node, 0,
        static_cast<std::uint8_t>(happening_count + static_cast<std::size_t>(f))});
}

void trace::keep(const line& l) {
  const std::uint64_t place =
      (std::uint64_t{l.node} << 32U) | (std::uint64_t{l.group} << 8U) | l.what;
  hash_ = (hash_ ^ place ^ (l.now << 20U)) * 0x9e3779b97f4a7c15ULL;
  hash_ = (hash_ ^ (hash_ >> 29U) ^ l.a) * 0xbf58476d1ce4e5b9ULL;
  hash_ = (hash_ ^ (hash_ >> 32U) ^ l.b) * 0x94d049bb133111ebULL;
  if (!newest_.empty()) {
    newest_[lines_ % newest_.size()] = l;
  }
  ++lines_;
  if (out_ != nullptr) {
    print(l, out_);
  }
}

void trace::print(const line& l, std::FILE* to) {
  if (l.what >= happening_count) {
    std::fprintf(to, "%10llu node %u fault %s %llu\n", static_cast<unsigned long long>(l.now),
                 l.node, fault_names[l.what - happening_count].data(),
                 static_cast<unsigned long long>(l.a));
    return;
  }
  std::fprintf(to, "%10llu node %u group %u %s %llu %llu\n", static_cast<unsigned long long>(l.now),
               l.node, l.group, names[l.what], static_cast<unsigned long long>(l.a),
               static_cast<unsigned long long>(l.b));
}

void trace::print_newest(std::FILE* to) const {
  const auto count = std::min(lines_, newest_.size());
  for (std::size_t i = lines_ - count; i < lines_; ++i) {
    print(newest_[i % newest_.size()], to);
  }
}

}  // namespace troupe::simulation

#include "raft/core.hpp"

#include "raft/machine.hpp"

namespace troupe::raft {

core::core(core_options options, restored_state state)
    : machine_(std::make_unique<machine>(options, std::move(state))) {}
core::~core() = default;
core::core(core&&) noexcept = default;
core& core::operator=(core&&) noexcept = default;

void core::tick(std::uint32_t count) {
  machine_->tick(count);
}
std::uint32_t core::ticks_until_due() const {
  return machine_->ticks_until_due();
}
void core::fix_election_timeout(std::uint32_t ticks) {
  machine_->fix_election_timeout(ticks);
}

void core::step(message m) {
  machine_->step(std::move(m));
}
void core::unreachable(node_id peer) {
  machine_->unreachable(peer);
}

expected<proposed, refusal> core::propose(std::span<const bytes> commands,
                                          std::optional<term> expected_term, entry_type type) {
  return machine_->propose(commands, expected_term, type);
}
expected<proposed, refusal> core::propose_configuration(const configuration_change& change,
                                                        std::optional<term> expected_term) {
  return machine_->propose_configuration(change, expected_term);
}
expected<void, refusal> core::read(read_id id) {
  return machine_->read(id);
}
expected<void, refusal> core::transfer_leadership(node_id to) {
  return machine_->transfer_leadership(to);
}
void core::campaign() {
  machine_->campaign(false);
}
void core::forget_leader() {
  machine_->forget_leader();
}
void core::wake() {
  machine_->wake();
}

void core::log_stable(write_sequence sequence) {
  machine_->log_stable(sequence);
}
bool core::awaits_storage() const {
  return machine_->awaits_storage();
}
void core::storage_stalled(bool is_stalled) {
  machine_->storage_stalled(is_stalled);
}
void core::applied(log_index index) {
  machine_->applied(index);
}
void core::fetched(const fetch& request, entries found) {
  machine_->fetched(request, std::move(found));
}
void core::snapshot_ready(node_id to, install_snapshot snapshot) {
  machine_->snapshot_ready(to, std::move(snapshot));
}
void core::snapshot_finished(node_id to, bool ok) {
  machine_->snapshot_finished(to, ok);
}
void core::compacted(log_index index) {
  machine_->compacted(index);
}
log_index core::compactable(bool heeds_followers) const {
  return machine_->compactable(heeds_followers);
}

bool core::has_output() const {
  return machine_->has_output();
}
output core::take_output() {
  return machine_->take_output();
}

core_status core::status() const {
  return machine_->status();
}
const soft_state& core::soft() const {
  return machine_->soft();
}
const configuration& core::peers() const {
  return machine_->peers();
}
log_index core::first() const {
  return machine_->first();
}
log_index core::commit() const {
  return machine_->commit();
}
std::optional<term> core::term_at(log_index index) const {
  return machine_->term_at(index);
}

}  // namespace troupe::raft

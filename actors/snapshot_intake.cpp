#include "actors/snapshot_intake.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>

#include "codec/raft_codec.hpp"
#include "codec/snapshot_codec.hpp"
#include "persistence/snapshot.hpp"

namespace troupe::actors {
namespace {

struct incoming {
  std::uint64_t transfer = 0;
  std::string directory;
  raft::snapshot_point point;
  std::optional<persistence::snapshot_receiver> files;  ///< until the transfer is complete
};

struct intake_state {
  static inline const char* name = "snapshot_intake";
  intake_state() = default;
  snapshot_intake_options options;
  std::map<raft::group_id, incoming> transfers;
};

error refuse(const std::string& why) {
  return {error_code::invalid_argument, why, {}};
}

error failed(const persistence::status& s) {
  return {error_code::storage_failed, s.message(), {}};
}

/// What is left of the transfer is removed; a directory that a member installs from is gone
/// already.
void forget(intake_state& state, raft::group_id group) {
  const auto found = state.transfers.find(group);
  if (found == state.transfers.end()) return;
  const auto directory = found->second.directory;
  state.transfers.erase(found);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

error begin(intake_state& state, const received_part& arrived) {
  auto manifest = persistence::decode_manifest(arrived.part.data.view());
  if (!manifest) return refuse("snapshot: " + manifest.error().message());
  if (manifest->group != arrived.group) return refuse("snapshot: is of another group");
  forget(state, arrived.group);
  incoming fresh;
  fresh.transfer = arrived.part.transfer;
  fresh.directory = state.options.directory + "/" + to_string(arrived.group) + "-" +
                    std::to_string(arrived.part.transfer);
  fresh.point = manifest->point;
  auto files = persistence::snapshot_receiver::begin(fresh.directory, std::move(*manifest));
  if (!files) return failed(files.error());
  fresh.files.emplace(std::move(*files));
  state.transfers.emplace(arrived.group, std::move(fresh));
  return {};
}

error take_chunk(incoming& transfer, const codec::snapshot_part& part) {
  const auto taken = transfer.files->chunk(part.file, part.offset, part.data.view());
  return taken.ok() ? error{} : failed(taken);
}

error finish(const intake_state& state, incoming& transfer, const received_part& arrived) {
  auto messages = codec::decode_messages(arrived.part.data);
  if (!messages || messages->size() != 1) return refuse("snapshot: announced by no one message");
  auto& message = messages->front().message;
  auto* announced = std::get_if<raft::install_snapshot>(&message.body);
  const bool fits = announced != nullptr && messages->front().group == arrived.group &&
                    announced->point == transfer.point;
  if (!fits) return refuse("snapshot: announced with another point than its manifest has");
  const auto complete = transfer.files->finish();
  if (!complete.ok()) return failed(complete);
  transfer.files.reset();
  announced->source = raft::bytes(transfer.directory);
  state.options.deliver(arrived.group, std::move(message));
  return {};
}

error take(intake_state& state, const received_part& arrived) {
  const auto& part = arrived.part;
  if (part.step == codec::snapshot_step::begin) return begin(state, arrived);
  const auto found = state.transfers.find(arrived.group);
  if (found == state.transfers.end() || found->second.transfer != part.transfer ||
      !found->second.files) {
    return refuse("snapshot: no such transfer is under way");
  }
  auto& transfer = found->second;
  auto why = part.step == codec::snapshot_step::chunk ? take_chunk(transfer, part)
                                                      : finish(state, transfer, arrived);
  if (why.code != error_code::ok) forget(state, arrived.group);
  return why;
}

snapshot_intake_actor::behavior_type make_intake(
    snapshot_intake_actor::stateful_pointer<intake_state> self, snapshot_intake_options options) {
  self->state.options = std::move(options);
  return {[=](const received_part& arrived) {
    const auto why = take(self->state, arrived);
    if (why.code == error_code::ok) return arrived.done->answer(response{});
    spdlog::warn("a part of a snapshot is refused: {}", why.message);
    arrived.done->fail(why.code, why.message);
  }};
}

}  // namespace

snapshot_intake_actor spawn_snapshot_intake(caf::actor_system& system,
                                            snapshot_intake_options options) {
  return spawn_blocking(system, make_intake, std::move(options));
}

}  // namespace troupe::actors

#include "actors/snapshotter.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <filesystem>

namespace troupe::actors {
namespace {

/// Of the process: a snapshotter that takes another's place must not use the names of snapshots
/// that are still being sent.
std::atomic<std::uint64_t> exports{0};

struct snapshotter_state {
  static inline const char* name = "snapshotter";
  snapshotter_state() = default;
  snapshotter_options options;
};

exported export_state(snapshotter_state& state, const export_job& job) {
  auto directory =
      state.options.directory + "/" + to_string(job.group) + "-" + std::to_string(++exports);
  auto manifest = state.options.states->export_snapshot(job.group, directory);
  if (!manifest) {
    spdlog::error("exporting group {} failed: {}", to_string(job.group),
                  manifest.error().message());
    return {nullptr};
  }
  spdlog::info("group {}: snapshot at index {} exported", to_string(job.group),
               to_string(manifest->point.index));
  return {std::make_shared<const exported_snapshot>(std::move(directory), std::move(*manifest))};
}

installed install(snapshotter_state& state, const install_job& job) {
  auto done = state.options.states->install_snapshot(job.group, job.directory);
  std::error_code ignored;
  std::filesystem::remove_all(job.directory, ignored);
  if (done.ok()) {
    spdlog::info("group {}: snapshot at index {} installed", to_string(job.group),
                 to_string(job.point.index));
  } else if (done.code() == persistence::status_code::io_error ||
             done.code() == persistence::status_code::no_space) {
    state.options.fatal("installing a snapshot failed: " + done.message());
  }
  return {std::move(done)};
}

/// The log goes only as far as the state is on disk.
log_compacted compact(snapshotter_state& state, const compact_job& job) {
  auto& o = state.options;
  auto done = o.states->flush();
  auto index = job.limit;
  if (done.ok()) {
    index = std::min(index, o.states->durable_applied(job.group));
    done = o.log->compact(job.group, index);
  }
  if (!done.ok()) o.fatal("compacting a log failed: " + done.message());
  return {index, o.log->bytes(job.group)};
}

snapshotter_actor::behavior_type make_snapshotter(
    snapshotter_actor::stateful_pointer<snapshotter_state> self, snapshotter_options options) {
  self->state.options = std::move(options);
  return {
      [=](const export_job& job) { send(job.member, export_state(self->state, job)); },
      [=](const install_job& job) { send(job.member, install(self->state, job)); },
      [=](const compact_job& job) { send(job.member, compact(self->state, job)); },
      [=](const content_job& job) { job.done(self->state.options.states->content_of(job.group)); },
  };
}

}  // namespace

exported_snapshot::~exported_snapshot() {
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

snapshotter_actor spawn_snapshotter(caf::actor_system& system, snapshotter_options options) {
  return spawn_blocking(system, make_snapshotter, std::move(options));
}

}  // namespace troupe::actors

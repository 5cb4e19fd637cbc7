#include "actors/log_reader.hpp"

namespace troupe::actors {
namespace {

log_reader_actor::behavior_type make_reader(log_reader_actor::pointer,
                                            std::shared_ptr<const persistence::log_store> log,
                                            fatal_handler fatal) {
  return {[=](const fetch_job& job) {
    const auto& r = job.request;
    auto found = log->read(job.group, r.first, r.last, r.bytes_max);
    // The log may have been cut since the core asked: an empty answer makes it ask again.
    const bool gone = !found && found.error().code() == persistence::status_code::absent;
    if (gone) {
      send(job.member, fetched{r, {}});
    } else if (found) {
      send(job.member, fetched{r, std::move(*found)});
    } else {
      fatal("log read failed: " + found.error().message());
    }
  }};
}

}  // namespace

log_reader_actor spawn_log_reader(caf::actor_system& system,
                                  std::shared_ptr<const persistence::log_store> log,
                                  fatal_handler fatal) {
  return spawn_blocking(system, make_reader, std::move(log), std::move(fatal));
}

}  // namespace troupe::actors

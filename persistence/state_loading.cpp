// state_loading: see the header.
#include "persistence/state_loading.hpp"

#include <rocksdb/db.h>

#include <optional>
#include <string>
#include <utility>

#include "persistence/rocks_status.hpp"
#include "persistence/state_keys.hpp"
#include "persistence/state_records.hpp"
#include "persistence/state_transfer.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

/// Finds a group's records.
class group_loader {
 public:
  group_loader(rocksdb::DB& db, raft::group_id group)
      : db_(db), owner_(std::make_shared<group_ownership>(group)) {}

  raft::expected<std::shared_ptr<group_ownership>, status> load(
      const raft::configuration& initial) {
    for (const auto step : {&group_loader::read_generation, &group_loader::read_applied,
                            &group_loader::read_configuration}) {
      if (auto done = (this->*step)(); !done.ok()) {
        return unexpected(std::move(done));
      }
    }
    // What an installation left that was cut short, or what it could not delete.
    if (auto dropped = drop_other_generations(db_, owner_->current()); !dropped.ok()) {
      return unexpected(std::move(dropped));
    }
    if (!has_configuration_) {
      if (auto written = write_initial(initial); !written.ok()) {
        return unexpected(std::move(written));
      }
    }
    return std::move(owner_);
  }

 private:
  status damaged(const std::string& what) const {
    return {status_code::corrupt,
            "state of group " + to_string(owner_->group) + " in " + db_.GetName() + ": " + what};
  }

  /// Nothing when there is no such record; `failure` says why it could not be read.
  std::optional<std::string> get(const std::string& key, status& failure) {
    std::string record;
    const auto found = db_.Get({}, key, &record);
    if (found.ok()) {
      return record;
    }
    if (!found.IsNotFound()) {
      failure = to_status(found, "read state of group " + to_string(owner_->group) + " in",
                          db_.GetName());
    }
    return std::nullopt;
  }

  status read_generation() {
    status failure;
    const std::string key = generation_key(owner_->group);
    if (const auto record = get(key, failure)) {
      const auto first = decode_generation(key, *record);
      if (!first) {
        return damaged("the record that names the generation is damaged");
      }
      owner_->generation = *first;
    }
    return failure;
  }

  status read_applied() {
    status failure;
    const std::string key = state_key(owner_->current(), state_space::applied);
    if (const auto record = get(key, failure)) {
      const auto point = decode_applied_point(key, *record);
      if (!point) {
        return damaged("the applied index is damaged");
      }
      owner_->point.index = point->index;
      owner_->point.term = point->term;
    } else if (failure.ok() && !owner_->generation.load().is_none()) {
      return damaged("the applied index is missing");
    }
    return failure;
  }

  status read_configuration() {
    status failure;
    const std::string key = state_key(owner_->current(), state_space::configuration);
    if (const auto record = get(key, failure)) {
      auto found = decode_applied_configuration(key, *record);
      if (!found) {
        return damaged("the configuration is damaged");
      }
      owner_->point.peers = std::move(found->peers);
      has_configuration_ = true;
    } else if (failure.ok() && !owner_->point.index.is_none()) {
      return damaged("the configuration is missing");
    }
    return failure;
  }

  /// Not synced: what is lost with it is written again, out of the log, at the next opening.
  status write_initial(const raft::configuration& initial) {
    owner_->point.peers = initial;
    const std::string key = state_key(owner_->current(), state_space::configuration);
    return to_status(
        db_.Put({}, key, encode_applied_configuration(key, {raft::log_index{}, initial})),
        "write state of group " + to_string(owner_->group) + " in", db_.GetName());
  }

  rocksdb::DB& db_;
  std::shared_ptr<group_ownership> owner_;
  bool has_configuration_ = false;
};

}  // namespace

raft::expected<std::shared_ptr<group_ownership>, status> load_ownership(
    rocksdb::DB& db, raft::group_id group, const raft::configuration& initial) {
  return group_loader(db, group).load(initial);
}

}  // namespace troupe::persistence

// stored_view: see the header.
#include "persistence/stored_view.hpp"

#include <rocksdb/db.h>

#include <utility>
#include <vector>

#include "persistence/rocks_status.hpp"
#include "persistence/state_keys.hpp"

namespace troupe::persistence {
namespace {

class stored_view final : public state_view {
 public:
  stored_view(std::unique_ptr<stored_moment> moment, std::string prefix)
      : moment_(std::move(moment)), prefix_(std::move(prefix)) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    std::string whole;
    whole.reserve(prefix_.size() + key.size());
    return moment_->get(whole.append(prefix_).append(key));
  }

  void scan(std::string_view prefix, std::string_view from,
            const key_visitor& visit) const override {
    const auto range = range_of(prefix_, prefix, from);
    if (!range) {
      return;
    }
    for (auto at = moment_->cursor(*range, nullptr);; at.next()) {
      if (!at.is_valid()) {
        return moment_->note(at.status());
      }
      if (!visit(at.key().substr(state_prefix_bytes), at.value())) {
        return;
      }
    }
  }

  [[nodiscard]] status read_status() const override { return moment_->failure(); }

 private:
  std::unique_ptr<stored_moment> moment_;
  std::string prefix_;
};

}  // namespace

stored_moment::stored_moment(std::shared_ptr<rocksdb::DB> db, const held_writes& held)
    : db_(std::move(db)), held_(held.seen([this] { snapshot_ = db_->GetSnapshot(); })) {}

stored_moment::~stored_moment() {
  db_->ReleaseSnapshot(snapshot_);
}

rocksdb::ReadOptions stored_moment::options() const {
  rocksdb::ReadOptions reads;
  reads.snapshot = snapshot_;
  return reads;
}

std::optional<std::string> stored_moment::get(const std::string& key) const {
  for (const auto& held : held_) {
    if (const auto found = held.log->find(key, held.count)) {
      return found->is_erased ? std::nullopt : std::optional<std::string>(found->value());
    }
  }
  std::string value;
  const auto found = db_->Get(options(), key, &value);
  if (found.ok()) {
    return value;
  }
  if (!found.IsNotFound()) {
    note(found);
  }
  return std::nullopt;
}

layered_cursor stored_moment::cursor(const key_range& range, const change_log* above) const {
  std::vector<change_layer> layers;
  if (above != nullptr) {
    layers.push_back({above, above->size()});
  }
  for (const auto& held : held_) {
    layers.push_back({held.log.get(), held.count});
  }
  return {*db_, options(), layers, range};
}

void stored_moment::note(const rocksdb::Status& failure) const {
  const std::lock_guard guard(mutex_);
  if (!failure.ok() && failed_.ok()) {
    failed_ = to_status(failure, "read state in", db_->GetName());
  }
}

status stored_moment::failure() const {
  const std::lock_guard guard(mutex_);
  return failed_;
}

std::unique_ptr<state_view> make_stored_view(std::unique_ptr<stored_moment> moment,
                                             std::string space_prefix) {
  return std::make_unique<stored_view>(std::move(moment), std::move(space_prefix));
}

std::optional<key_range> range_of(std::string_view space_prefix, std::string_view prefix,
                                  std::string_view from) {
  const auto first = from < prefix ? prefix : from;
  std::string start = std::string(space_prefix).append(first);
  std::string end = end_of_prefix(std::string(space_prefix).append(prefix));
  if (start >= end) {
    return std::nullopt;
  }
  return key_range{std::move(start), std::move(end)};
}

}  // namespace troupe::persistence

#include "processors/observed_processor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::processors {

/// The batch of one apply, which remembers what was written through it.
class observed_processor::recording final : public persistence::state_batch {
 public:
  recording(persistence::state_batch& to, std::string_view spaces) : to_(to), spaces_(spaces) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
    return to_.get(key);
  }
  void scan(std::string_view prefix, std::string_view from,
            const persistence::key_visitor& visit) const override {
    to_.scan(prefix, from, visit);
  }
  [[nodiscard]] persistence::status read_status() const override { return to_.read_status(); }
  void put(std::string_view key, std::string_view value) override {
    to_.put(key, value);
    if (is_told(key)) seen.push_back({std::string(key), std::string(value)});
  }
  void erase(std::string_view key) override {
    to_.erase(key);
    if (is_told(key)) seen.push_back({std::string(key), std::nullopt});
  }

  std::vector<written> seen;

 private:
  [[nodiscard]] bool is_told(std::string_view key) const {
    return !key.empty() && spaces_.find(key[0]) != std::string_view::npos;
  }

  persistence::state_batch& to_;
  std::string_view spaces_;
};

void observed_processor::observe(std::shared_ptr<naming::naming_observer> observer) {
  observer_ = std::move(observer);
}

reply observed_processor::apply(const command& entry, persistence::state_batch& batch) {
  if (!observer_) return change(entry, batch);
  recording all(batch, told_spaces());
  auto answer = change(entry, all);
  // What a refused command wrote is rolled back.
  if (answer.success) {
    untold_.insert(untold_.end(), std::move_iterator(all.seen.begin()),
                   std::move_iterator(all.seen.end()));
  }
  return answer;
}

void observed_processor::loaded(const persistence::state_view& view) {
  untold_.clear();
  if (!observer_) return;
  tell_begin(*observer_);
  for (const char space : told_spaces()) {
    view.scan(std::string(1, space), {}, [this](std::string_view key, std::string_view value) {
      try_to_tell(key, value);
      return true;
    });
  }
  tell_loaded(*observer_);
  observer_->committed();
}

void observed_processor::committed() {
  if (untold_.empty()) return;
  for (const auto& w : untold_) try_to_tell(w.key, w.value);
  untold_.clear();
  observer_->committed();
}

/// What cannot be read is of a later version, or damaged behind our checksums: queries and writes
/// that meet it are refused, and views go without it.
void observed_processor::try_to_tell(std::string_view key, value_view value) const {
  if (tell(*observer_, key, value)) return;
  std::string shown(key);
  std::replace(shown.begin(), shown.end(), '\0', ' ');  // what parts names
  spdlog::error("group {}: the record of \"{}\" has an unknown form", group(), shown);
}

}  // namespace troupe::processors

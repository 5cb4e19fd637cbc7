// catalogue_slot: what the catalogue holds of one service, and one change of it. Knows nothing of
// who asks.
#pragma once

#include <algorithm>

#include "naming/catalogue.hpp"

namespace troupe::naming {

/// A slot may hold settings and overlays of a service that does not exist: they wait for it, and
/// nobody sees them (nacos-spec E.2.1).
struct catalogue::slot {
  struct entry {
    host_ptr registered;
    host_ptr shown;  ///< the same object when there is no overlay
    std::uint64_t told = 0;
  };
  struct laid_over {
    processors::naming::instance_overlay overlay;
    std::uint64_t told = 0;
  };

  explicit slot(service_key k) : key(std::move(k)) {}

  const service_key key;
  std::optional<processors::naming::service_record> record;  ///< of a persistent service
  std::uint64_t record_told = 0;
  std::shared_ptr<const processors::naming::service_settings> settings;
  std::uint64_t settings_told = 0;
  std::map<std::string, entry, std::less<>> entries;       ///< by client; all of one kind
  std::map<std::string, laid_over, std::less<>> overlays;  ///< by tag
  std::uint64_t revision = 0;

  service_ptr shown;                     ///< null when it has to be made again
  std::uint64_t reference_ms = 0;        ///< of the last answer
  std::uint64_t reference_revision = 0;  ///< what that showed; 0: that there is no service

  [[nodiscard]] bool is_ephemeral() const {
    return !record && !entries.empty() && entries.begin()->second.registered->ephemeral;
  }
  [[nodiscard]] bool exists() const { return record.has_value() || is_ephemeral(); }
  [[nodiscard]] bool is_empty() const {
    return !record && !settings && entries.empty() && overlays.empty();
  }
};

/// One change of one slot, under the lock; keeps the counts, and drops the slot when
/// nothing is left in it.
class catalogue::change {
 public:
  change(catalogue& of, const service_key& key) : of_(of) {
    auto& found = of_.slots_[key];
    if (!found) {
      found = std::make_unique<catalogue::slot>(key);
      found->reference_ms = of_.floor_ms_;
    }
    slot_ = found.get();
    existed_ = slot_->exists();
  }
  change(const change&) = delete;
  change& operator=(const change&) = delete;
  ~change() {
    of_.counts_.services += static_cast<std::size_t>(slot_->exists());
    of_.counts_.services -= static_cast<std::size_t>(existed_);
    if (touched_) {
      slot_->revision = ++of_.revision_;
      slot_->shown.reset();
      of_.changed_.insert(slot_->key);
    }
    if (!slot_->is_empty()) return;
    of_.floor_ms_ = std::max(of_.floor_ms_, slot_->reference_ms + 1);
    of_.slots_.erase(slot_->key);
  }

  slot* operator->() { return slot_; }
  slot& operator*() { return *slot_; }
  /// What users see is different now.
  void touch() { touched_ = true; }

 private:
  catalogue& of_;
  slot* slot_;
  bool existed_ = false;
  bool touched_ = false;
};

}  // namespace troupe::naming

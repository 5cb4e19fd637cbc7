// held_writes: see the header.
#include "persistence/held_writes.hpp"

#include <utility>

namespace troupe::persistence {

std::uint64_t held_writes::add(change_log& committed) {
  const std::lock_guard guard(mutex_);
  const auto before = added_->bytes();
  added_->append(committed);
  return added_->bytes() - before;
}

std::vector<changes_seen> held_writes::seen_now() const {
  std::vector<changes_seen> seen;
  if (const auto count = added_->size(); count > 0) seen.push_back({added_, count});
  if (being_written_) seen.push_back({being_written_, being_written_->size()});
  return seen;
}

std::shared_ptr<const change_log> held_writes::begin_writing() {
  const std::lock_guard guard(mutex_);
  if (added_->size() == 0) return nullptr;
  being_written_ = std::exchange(added_, std::make_shared<change_log>());
  return being_written_;
}

std::uint64_t held_writes::end_writing() {
  const std::lock_guard guard(mutex_);
  return std::exchange(being_written_, nullptr)->bytes();
}

std::uint64_t held_writes::clear() {
  const std::lock_guard guard(mutex_);
  return std::exchange(added_, std::make_shared<change_log>())->bytes();
}

}  // namespace troupe::persistence

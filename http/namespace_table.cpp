#include "http/namespace_table.hpp"

#include <mutex>

namespace troupe::http {

std::optional<named_namespace> namespace_table::find(std::string_view id) const {
  const std::lock_guard lock(guard_);
  const auto found = known_.find(id);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

namespace_table::all namespace_table::list() const {
  const std::lock_guard lock(guard_);
  return known_;
}

void namespace_table::begin() {
  const std::lock_guard lock(guard_);
  loading_.emplace();
}

void namespace_table::put(std::string_view id, const processors::spaces::record& r) {
  const std::lock_guard lock(guard_);
  told().insert_or_assign(std::string(id),
                          named_namespace{std::string(r.show_name), std::string(r.description)});
}

void namespace_table::erased(std::string_view id) {
  const std::lock_guard lock(guard_);
  told().erase(std::string(id));
}

void namespace_table::loaded() {
  const std::lock_guard lock(guard_);
  if (loading_) known_ = std::move(*loading_);
  loading_.reset();
}

}  // namespace troupe::http

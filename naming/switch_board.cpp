#include "naming/switch_board.hpp"

#include <utility>

namespace troupe::naming {

switches_ptr switch_board::now() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

void switch_board::agreed(switches_ptr all) {
  const std::lock_guard changing(changing_);
  show(std::move(all));
}

raft::expected<void, std::string> switch_board::turn_here(std::string_view entry,
                                                          std::string_view value) {
  const std::lock_guard changing(changing_);
  auto next = *now();
  if (auto set = processors::naming::set_switch(next, entry, value); !set) return set;
  show(std::make_shared<const switches>(std::move(next)));
  return {};
}

void switch_board::watch(std::function<void(const switches_ptr&)> changed) {
  watchers_.push_back(std::move(changed));
}

void switch_board::show(switches_ptr all) {
  {
    const std::lock_guard lock(mutex_);
    shown_ = all;
  }
  for (const auto& tell : watchers_) tell(all);
}

}  // namespace troupe::naming

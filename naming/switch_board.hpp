// switch_board: the switches (nacos-spec C.6) as this node goes by them: those that the cluster
// agreed on, and those that an operator turned on this node alone. Knows nothing of groups and
// HTTP.
//
// From any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "processors/switch_values.hpp"

namespace troupe::naming {

using processors::naming::switches;
using switches_ptr = std::shared_ptr<const switches>;

class switch_board {
 public:
  [[nodiscard]] switches_ptr now() const;

  /// What the cluster agreed on. Ends what was turned on this node alone: as with Nacos, where each
  /// agreed change replaces all of a node's switches.
  void agreed(switches_ptr all);
  /// Turns one switch on this node alone; the error is that of set_switch.
  raft::expected<void, std::string> turn_here(std::string_view entry, std::string_view value);

  /// `changed` is called with all switches after each change, on the thread that made it, and must
  /// return at once. Call before anything changes.
  void watch(std::function<void(const switches_ptr&)> changed);

 private:
  void show(switches_ptr all);

  mutable std::mutex mutex_;
  std::mutex changing_;  ///< taken before mutex_: watchers hear changes in their order
  switches_ptr shown_ = std::make_shared<const switches>();
  std::vector<std::function<void(const switches_ptr&)>> watchers_;
};

}  // namespace troupe::naming

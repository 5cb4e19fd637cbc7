// naming_switches: the switches of the naming part that operators turn at run time, agreed on one
// by one, so that two operators who turn different ones do not undo each other. nacos-spec C.6,
// E.0. Knows nothing of what they do; naming_switch_messages.hpp says what it understands.
//
// State, on disk, do not change: 'w' field → value as it was written (switch_values.hpp).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "groups/processor.hpp"
#include "processors/switch_values.hpp"

namespace troupe::processors {

class naming_switches final : public processor {
 public:
  static constexpr std::string_view group_name = "naming_switch";

  /// Told all switches whenever the state is opened and once a change is committed, on the thread
  /// of the processor, which must not be held up.
  using observer = std::function<void(std::shared_ptr<const naming::switches>)>;
  /// Call before the processor is added to a node.
  void observe(observer changed) { observer_ = std::move(changed); }

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  void loaded(const persistence::state_view& view) override;
  void committed() override;

 private:
  void tell() const;

  observer observer_;
  naming::switches current_;
  std::vector<std::pair<std::string, std::string>> untold_;  ///< entry and value
};

}  // namespace troupe::processors

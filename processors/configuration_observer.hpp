// configuration_observer: told which configurations stand, as the group nacos_config has committed
// them: how a node's table of digests stays up to date without asking. Knows nothing of who
// listens.
#pragma once

#include <string_view>

#include "processors/configuration_messages.hpp"

namespace troupe::processors::config {

/// Calls come one after the other, in the order of the log, on the processor's thread, which must
/// not be held up. Texts live until the call returns.
///
/// Whenever the state is opened, at the start and behind a snapshot, items_begin() says that all of
/// it follows, up to items_loaded(); what is not told again is gone.
class configuration_observer {
 public:
  configuration_observer() = default;
  configuration_observer(const configuration_observer&) = delete;
  configuration_observer& operator=(const configuration_observer&) = delete;
  virtual ~configuration_observer() = default;

  virtual void items_begin() = 0;
  /// New, or with other content or other details than before.
  virtual void item_put(const item_key& key, std::string_view md5) = 0;
  virtual void item_erased(const item_key& key) = 0;
  virtual void items_loaded() = 0;
  /// What was told since the last call is in the state now and may be looked at.
  virtual void committed() = 0;
};

}  // namespace troupe::processors::config

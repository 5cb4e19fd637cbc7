// naming_observer: told what the naming groups have committed, in the order of their logs: how a
// node's view of services stays up to date without asking. Knows nothing of who listens.
#pragma once

#include <string_view>

#include "processors/naming_messages.hpp"
#include "processors/naming_records.hpp"
#include "processors/naming_state.hpp"

namespace troupe::processors::naming {

/// Calls about one group come one after the other, those about different groups at the same time;
/// on the threads of the processors, which must not be held up. Texts live until the call returns.
///
/// Whenever a group's state is opened, at the start and behind a snapshot, its _begin says that
/// all of it follows, up to its _loaded; what is not told again is gone.
class naming_observer {
 public:
  naming_observer() = default;
  naming_observer(const naming_observer&) = delete;
  naming_observer& operator=(const naming_observer&) = delete;
  virtual ~naming_observer() = default;

  // naming_persistent_service_v2
  virtual void instances_begin() = 0;
  virtual void service_put(const service& s, const service_record& record) = 0;
  virtual void service_erased(const service& s) = 0;
  virtual void instance_put(const service& s, const instance& i) = 0;
  /// `client` as client_id() makes it.
  virtual void instance_erased(const service& s, std::string_view client) = 0;
  virtual void instances_loaded() = 0;
  /// This node leads the group of the instances, or no longer.
  virtual void leading(bool leads) = 0;

  // naming_service_metadata
  virtual void settings_begin() = 0;
  virtual void settings_put(const service& s, const service_settings& settings) = 0;
  virtual void settings_erased(const service& s) = 0;
  virtual void settings_loaded() = 0;

  // naming_instance_metadata; `tag` is "ip:port:cluster"
  virtual void overlays_begin() = 0;
  virtual void overlay_put(const service& s, std::string_view tag,
                           const instance_overlay& overlay) = 0;
  virtual void overlay_erased(const service& s, std::string_view tag) = 0;
  virtual void overlays_loaded() = 0;

  /// What was told since the last call of any group is one step: now is the time to look at it.
  virtual void committed() = 0;
};

}  // namespace troupe::processors::naming

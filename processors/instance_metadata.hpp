// instance_metadata: what operators lay over instances: weight, whether they get traffic, metadata.
// nacos-spec E.3. Kept by service and "ip:port:cluster" and joined when services are read: an
// overlay creates neither service nor instance (H8), and one without an instance is swept away by
// EXPIRE. naming_overlay_messages.hpp says what it understands.
#pragma once

#include "processors/naming_overlay_messages.hpp"
#include "processors/observed_processor.hpp"

namespace troupe::processors {

class instance_metadata final : public observed_processor {
 public:
  static constexpr std::string_view group_name = "naming_instance_metadata";

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;

 protected:
  reply change(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] std::string_view told_spaces() const override { return "i"; }
  bool tell(naming::naming_observer& to, std::string_view key, value_view value) const override;
  void tell_begin(naming::naming_observer& to) const override { to.overlays_begin(); }
  void tell_loaded(naming::naming_observer& to) const override { to.overlays_loaded(); }
};

}  // namespace troupe::processors

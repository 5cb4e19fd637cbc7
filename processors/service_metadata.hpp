// service_metadata: what users set about services and their clusters: protection threshold,
// selector, metadata, how instances are probed. nacos-spec E.2. A record creates no service: the
// group of the instances alone decides what exists (E.2.1), so that settings may stand without one,
// and are swept away by EXPIRE. naming_settings_messages.hpp says what it understands.
#pragma once

#include "processors/naming_settings_messages.hpp"
#include "processors/observed_processor.hpp"

namespace troupe::processors {

class service_metadata final : public observed_processor {
 public:
  static constexpr std::string_view group_name = "naming_service_metadata";

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;

 protected:
  reply change(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] std::string_view told_spaces() const override { return "s"; }
  bool tell(naming::naming_observer& to, std::string_view key, value_view value) const override;
  void tell_begin(naming::naming_observer& to) const override { to.settings_begin(); }
  void tell_loaded(naming::naming_observer& to) const override { to.settings_loaded(); }
};

}  // namespace troupe::processors

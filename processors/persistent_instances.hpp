// persistent_instances: the service registry's instances that outlive their clients: who is
// registered in which service, and what each service last changed at. nacos-spec C.12, E.1. Knows
// nothing of HTTP, health checks and metadata overlays; naming_messages.hpp says what it
// understands.
//
// Each entry carries the time of its proposer: apply has no clock. A service comes into being with
// its first instance, here and nowhere else (E.2.1), and nothing is kept before an entry commits.
#pragma once

#include "groups/processor.hpp"
#include "processors/naming_messages.hpp"

namespace troupe::processors {

class persistent_instances : public processor {
 public:
  static constexpr std::string_view group_name = "naming_persistent_service_v2";

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view request) const override;
};

}  // namespace troupe::processors

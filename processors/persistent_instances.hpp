// persistent_instances: the service registry's instances that outlive their clients: who is
// registered in which service, and what each service last changed at. nacos-spec C.12, E.1. Knows
// nothing of HTTP, probes and what operators lay over instances; naming_messages.hpp and
// naming_service_messages.hpp say what it understands.
//
// Each entry carries the time of its proposer: apply has no clock. Here and nowhere else it is
// decided which services exist (E.2.1): one comes with its first instance or is created by a user,
// and goes when it is removed or, not created by a user, expires. Nothing is kept before an entry
// commits.
#pragma once

#include "processors/naming_messages.hpp"
#include "processors/observed_processor.hpp"

namespace troupe::processors {

class persistent_instances final : public observed_processor {
 public:
  static constexpr std::string_view group_name = "naming_persistent_service_v2";

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view request) const override;
  void leader_started(raft::term term) override;
  void leader_stopped() override;

 protected:
  reply change(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] std::string_view told_spaces() const override { return "si"; }
  bool tell(naming::naming_observer& to, std::string_view key, value_view value) const override;
  void tell_begin(naming::naming_observer& to) const override;
  void tell_loaded(naming::naming_observer& to) const override;
};

}  // namespace troupe::processors

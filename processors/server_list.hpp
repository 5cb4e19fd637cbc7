// server_list: the part of the configuration group that keeps where each node serves HTTP. Knows
// nothing of who is up and of who belongs to the cluster: members are Raft's matter.
// nacos-spec C.5; server_messages.hpp says what it understands.
//
// Uses the keys of its group that begin with 's'.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "processors/configuration_part.hpp"
#include "processors/server_messages.hpp"

namespace troupe::processors {

class server_list final : public configuration_part {
 public:
  explicit server_list(std::shared_ptr<servers::server_observer> told = nullptr)
      : told_(std::move(told)) {}

  [[nodiscard]] bool understands(std::string_view verb) const override;
  reply apply(const command& entry, persistence::state_batch& batch) override;
  /// There is nothing to ask: every node is told all of it.
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view) const override { return false; }
  void loaded(const persistence::state_view& view) override;
  void committed() override;

 private:
  void forget_oldest(persistence::state_batch& batch);

  std::shared_ptr<servers::server_observer> told_;
  /// What apply wrote and the observer does not know yet.
  std::vector<std::function<void(servers::server_observer&)>> news_;
};

}  // namespace troupe::processors

// namespaces: the part of the configuration group that keeps Nacos namespaces: which exist beside
// the default one, how they are called. Knows nothing of HTTP and of what lies in a namespace: the
// data of a removed one stays. nacos-spec C.10, E.5; namespace_messages.hpp says what it
// understands.
//
// Uses the keys of its group that begin with 'n'.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "processors/configuration_part.hpp"
#include "processors/namespace_observer.hpp"

namespace troupe::processors {

class namespaces final : public configuration_part {
 public:
  explicit namespaces(std::shared_ptr<spaces::namespace_observer> told = nullptr)
      : told_(std::move(told)) {}

  [[nodiscard]] bool understands(std::string_view verb) const override;
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view) const override { return true; }
  void loaded(const persistence::state_view& view) override;
  void committed() override;

 private:
  reply put(const spaces::command& c, persistence::state_batch& batch);
  reply remove(const spaces::command& c, persistence::state_batch& batch);

  std::shared_ptr<spaces::namespace_observer> told_;
  /// What apply wrote and the observer does not know yet.
  std::vector<std::function<void(spaces::namespace_observer&)>> news_;
};

}  // namespace troupe::processors

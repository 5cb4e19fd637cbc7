// configuration_items: the part of the group nacos_config that keeps configurations and their
// history (nacos-spec C.8, E.5); configuration_messages.hpp and configuration_queries.hpp say what
// it understands. Knows nothing of HTTP and of who waits for changes.
//
// Each entry carries the time of its proposer and the digest of its content: apply has no clock,
// and believes no digest. A request that the log holds twice is applied once (recent_requests.hpp).
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "processors/configuration_history.hpp"
#include "processors/configuration_observer.hpp"
#include "processors/configuration_part.hpp"
#include "processors/recent_requests.hpp"

namespace troupe::processors {

/// The same on every node: they are part of what apply does.
struct configuration_limits {
  std::uint64_t items_max = 1'000'000;
  config::history_limits history;
  std::uint64_t requests_remembered = recent_requests::kept_default;
};

class configuration_items final : public configuration_part {
 public:
  explicit configuration_items(std::shared_ptr<config::configuration_observer> told = nullptr,
                               configuration_limits limits = {})
      : told_(std::move(told)), limits_(limits), recent_(limits.requests_remembered) {}

  [[nodiscard]] bool understands(std::string_view verb) const override;
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view verb) const override;
  void loaded(const persistence::state_view& view) override;
  void committed() override;

 private:
  using news = std::function<void(config::configuration_observer&)>;

  template <class Change>
  reply once(const Change& c, persistence::state_batch& batch);
  reply write(const config::publish& c, persistence::state_batch& batch);
  reply write(const config::remove& c, persistence::state_batch& batch);
  reply write(const config::remove_ids& c, persistence::state_batch& batch);
  bool erase(const config::item_key& key, const config::source& by, std::uint64_t now_ms,
             persistence::state_batch& batch);

  std::shared_ptr<config::configuration_observer> told_;
  configuration_limits limits_;
  recent_requests recent_;
  std::vector<news> fresh_;  ///< of the command in work, which may still be refused
  std::vector<news> news_;   ///< applied, and the observer does not know yet
};

}  // namespace troupe::processors

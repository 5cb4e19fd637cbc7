// configuration: the group nacos_config: what the configuration centre and the console keep
// (nacos-spec E.5). Reads the verb of each command and query and hands it to the part that
// understands it. Knows nothing of what the parts keep, and of HTTP.
//
// Every command and query is a payload whose first field is its verb, a text.
#pragma once

#include <memory>
#include <vector>

#include "processors/configuration_part.hpp"

namespace troupe::processors {

class configuration : public processor {
 public:
  static constexpr std::string_view group_name = "nacos_config";
  using part_ptr = std::unique_ptr<configuration_part>;

  explicit configuration(std::vector<part_ptr> parts) : parts_(std::move(parts)) {}

  [[nodiscard]] std::string group() const override { return std::string(group_name); }
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view request) const override;
  void loaded(const persistence::state_view& view) override;
  void committed() override;

 private:
  [[nodiscard]] configuration_part* part_for(std::string_view verb) const;

  std::vector<part_ptr> parts_;
};

}  // namespace troupe::processors

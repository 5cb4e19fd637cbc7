// namespace_table: the Nacos namespaces as this node knows them: what the configuration group has
// committed. Answers at once and works without a leader. Knows nothing of what lies in them.
// nacos-spec C.10.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "processors/namespace_observer.hpp"

namespace troupe::http {

struct named_namespace {
  std::string show_name;
  std::string description;
};

/// Any thread.
class namespace_table final : public processors::spaces::namespace_observer {
 public:
  using all = std::map<std::string, named_namespace, std::less<>>;

  [[nodiscard]] std::optional<named_namespace> find(std::string_view id) const;
  /// A copy, without the default one.
  [[nodiscard]] all list() const;

  // namespace_observer
  void begin() override;
  void put(std::string_view id, const processors::spaces::record& r) override;
  void erased(std::string_view id) override;
  void loaded() override;

 private:
  /// What is being told anew stands beside what is known until it is complete.
  all& told() { return loading_ ? *loading_ : known_; }

  mutable std::mutex guard_;
  all known_;
  std::optional<all> loading_;
};

}  // namespace troupe::http

// config_table: which configurations stand on this node, by their digests: what long polls are
// compared with. Fed by the processor of the group nacos_config. Knows nothing of contents, HTTP
// and who waits.
//
// From any thread. A configuration costs its names, 16 bytes of digest, and about 90 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "processors/configuration_observer.hpp"

namespace troupe::http {

/// Tenant, group and data id of a configuration, each but the last behind a NUL byte.
std::string config_key(const processors::config::item_key& key);
processors::config::item_key config_names(std::string_view key);

class config_table final : public processors::config::configuration_observer {
 public:
  /// Empty: there is no such configuration.
  [[nodiscard]] std::string md5(std::string_view key) const;
  [[nodiscard]] std::size_t size() const;
  /// How many there are in a namespace.
  [[nodiscard]] std::size_t size(std::string_view tenant) const;
  /// The processor has told its whole state at least once: before, nothing says what stands.
  [[nodiscard]] bool is_loaded() const;

  using changed_keys = std::vector<std::string>;
  /// `changed` hears the keys of configurations whose digest is another one now, after that has
  /// become visible here. Called on the processor's thread, and must return at once.
  void watch(std::function<void(changed_keys)> changed);

  // configuration_observer
  void items_begin() override;
  void item_put(const processors::config::item_key& key, std::string_view md5) override;
  void item_erased(const processors::config::item_key& key) override;
  void items_loaded() override;
  void committed() override;

 private:
  using digest = std::array<std::uint8_t, 16>;
  struct key_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  using digests = std::unordered_map<std::string, digest, key_hash, std::equal_to<>>;

  static digest parse(std::string_view md5);
  void count(std::string_view key, int change);
  void tell(changed_keys keys);

  mutable std::mutex mutex_;
  digests standing_;
  std::map<std::string, std::size_t, std::less<>> in_tenant_;
  bool loaded_ = false;
  std::function<void(changed_keys)> changed_;
  // The processor's thread alone:
  bool loading_ = false;
  digests arriving_;
  changed_keys news_;
};

}  // namespace troupe::http

// account_table: users, roles and permissions as this node knows them: what the configuration
// group has committed. Answers at once and works without a leader. Knows nothing of passwords in
// clear, of tokens and of requests. nacos-spec C.9.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "processors/account_observer.hpp"

namespace troupe::http {

/// What somebody wants to touch. "*" stands for all there are, and needs a permission that says so.
struct resource {
  std::string namespace_id;  ///< "public" for the default one
  std::string group;
  std::string name;  ///< with its kind: "naming/orders", "config/app.yaml"
};

enum class access_mode : std::uint8_t { read, write };

struct stored_account {
  std::string hash;
  std::uint64_t revision = 0;
};

/// A permission's resource in its three parts.
struct resource_pattern {
  std::string namespace_id;
  std::string group;
  std::string name;

  /// Nothing unless "namespace:group:name"; an empty namespace is the default one.
  static std::optional<resource_pattern> parse(std::string_view text);
  [[nodiscard]] bool covers(const resource& r) const;
};

/// Any thread.
class account_table final : public processors::auth::account_observer {
 public:
  /// False until the group has told its whole state once.
  [[nodiscard]] bool is_loaded() const;
  [[nodiscard]] std::optional<stored_account> find(std::string_view user) const;
  [[nodiscard]] bool is_administrator(std::string_view user) const;
  [[nodiscard]] bool has_administrator() const;
  /// Whether one of the user's roles may do it; an administrator may do everything.
  [[nodiscard]] bool permits(std::string_view user, const resource& what, access_mode how) const;

  // Copies, sorted: for an operator's lists.
  struct user_row {
    std::string user;
    std::string hash;
  };
  struct role_row {
    std::string role;
    std::string user;
  };
  struct permission_row {
    std::string role;
    std::string resource;
    std::string action;
  };
  [[nodiscard]] std::vector<user_row> users() const;
  [[nodiscard]] std::vector<role_row> roles() const;  ///< by user, then role
  [[nodiscard]] std::vector<permission_row> permissions() const;

  // account_observer
  void begin() override;
  void user_put(std::string_view user, const processors::auth::user_record& r) override;
  void user_erased(std::string_view user) override;
  void role_bound(std::string_view user, std::string_view role) override;
  void role_unbound(std::string_view user, std::string_view role) override;
  void permission_put(const processors::auth::permission& p) override;
  void permission_erased(const processors::auth::permission& p) override;
  void loaded() override;

 private:
  /// By resource as written and action.
  using role_permissions = std::map<std::pair<std::string, std::string>, resource_pattern>;
  struct tables {
    std::map<std::string, stored_account, std::less<>> users;
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> roles;  ///< of users
    std::map<std::string, role_permissions, std::less<>> permissions;              ///< of roles
  };
  /// What is being told anew stands beside what is known until it is complete.
  tables& told() { return loading_ ? *loading_ : known_; }

  mutable std::mutex guard_;
  tables known_;
  std::optional<tables> loading_;
  bool loaded_ = false;
};

}  // namespace troupe::http

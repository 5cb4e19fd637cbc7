#include "http/account_table.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "processors/namespace_messages.hpp"
#include "processors/wildcard.hpp"

namespace troupe::http {

namespace {

namespace auth = processors::auth;
using processors::matches_wildcard;

/// Between the group and the name of a resource: neither holds one of these, but both may hold
/// colons.
constexpr std::array<std::string_view, 2> kinds{":naming/", ":config/"};

bool permits(std::string_view action, access_mode how) {
  return action == "rw" || action == (how == access_mode::read ? "r" : "w");
}

}  // namespace

std::optional<resource_pattern> resource_pattern::parse(std::string_view text) {
  const auto first = text.find(':');
  auto last = text.rfind(':');
  for (const auto kind : kinds) last = std::min(last, text.find(kind));
  if (first == std::string_view::npos || last <= first) return std::nullopt;
  const auto id = text.substr(0, first);
  return resource_pattern{std::string(id.empty() ? processors::spaces::default_id : id),
                          std::string(text.substr(first + 1, last - first - 1)),
                          std::string(text.substr(last + 1))};
}

bool resource_pattern::covers(const resource& r) const {
  return matches_wildcard(namespace_id, r.namespace_id) && matches_wildcard(group, r.group) &&
         matches_wildcard(name, r.name);
}

bool account_table::is_loaded() const {
  const std::lock_guard lock(guard_);
  return loaded_;
}

std::optional<stored_account> account_table::find(std::string_view user) const {
  const std::lock_guard lock(guard_);
  const auto found = known_.users.find(user);
  return found == known_.users.end() ? std::nullopt : std::optional(found->second);
}

bool account_table::is_administrator(std::string_view user) const {
  const std::lock_guard lock(guard_);
  const auto found = known_.roles.find(user);
  return found != known_.roles.end() && found->second.count(auth::admin_role) > 0;
}

bool account_table::has_administrator() const {
  const std::lock_guard lock(guard_);
  return std::any_of(known_.roles.begin(), known_.roles.end(),
                     [](const auto& of) { return of.second.count(auth::admin_role) > 0; });
}

bool account_table::permits(std::string_view user, const resource& what, access_mode how) const {
  const std::lock_guard lock(guard_);
  const auto roles = known_.roles.find(user);
  if (roles == known_.roles.end()) return false;
  for (const auto& role : roles->second) {
    if (role == auth::admin_role) return true;
    const auto found = known_.permissions.find(role);
    if (found == known_.permissions.end()) continue;
    for (const auto& [written, pattern] : found->second) {
      if (http::permits(written.second, how) && pattern.covers(what)) return true;
    }
  }
  return false;
}

std::vector<account_table::user_row> account_table::users() const {
  const std::lock_guard lock(guard_);
  std::vector<user_row> rows;
  for (const auto& [user, account] : known_.users) rows.push_back({user, account.hash});
  return rows;
}

std::vector<account_table::role_row> account_table::roles() const {
  const std::lock_guard lock(guard_);
  std::vector<role_row> rows;
  for (const auto& [user, bound] : known_.roles) {
    for (const auto& role : bound) rows.push_back({role, user});
  }
  return rows;
}

std::vector<account_table::permission_row> account_table::permissions() const {
  const std::lock_guard lock(guard_);
  std::vector<permission_row> rows;
  for (const auto& [role, permitted] : known_.permissions) {
    for (const auto& [written, pattern] : permitted) {
      rows.push_back({role, written.first, written.second});
    }
  }
  return rows;
}

void account_table::begin() {
  const std::lock_guard lock(guard_);
  loading_.emplace();
}

void account_table::user_put(std::string_view user, const auth::user_record& r) {
  const std::lock_guard lock(guard_);
  told().users.insert_or_assign(std::string(user),
                                stored_account{std::string(r.hash), r.revision.value()});
}

void account_table::user_erased(std::string_view user) {
  const std::lock_guard lock(guard_);
  told().users.erase(std::string(user));
}

void account_table::role_bound(std::string_view user, std::string_view role) {
  const std::lock_guard lock(guard_);
  told().roles[std::string(user)].emplace(role);
}

void account_table::role_unbound(std::string_view user, std::string_view role) {
  const std::lock_guard lock(guard_);
  auto& all = told().roles;
  const auto found = all.find(user);
  if (found == all.end()) return;
  found->second.erase(std::string(role));
  if (found->second.empty()) all.erase(found);
}

void account_table::permission_put(const auth::permission& p) {
  auto pattern = resource_pattern::parse(p.resource);
  // Proposed past the HTTP interface, which refuses it: permits nothing, and is listed.
  if (!pattern) pattern.emplace();
  const std::lock_guard lock(guard_);
  told().permissions[std::string(p.role)].insert_or_assign(
      {std::string(p.resource), std::string(p.action)}, std::move(*pattern));
}

void account_table::permission_erased(const auth::permission& p) {
  const std::lock_guard lock(guard_);
  auto& all = told().permissions;
  const auto found = all.find(p.role);
  if (found == all.end()) return;
  found->second.erase({std::string(p.resource), std::string(p.action)});
  if (found->second.empty()) all.erase(found);
}

void account_table::loaded() {
  const std::lock_guard lock(guard_);
  if (loading_) known_ = std::move(*loading_);
  loading_.reset();
  loaded_ = true;
}

}  // namespace troupe::http

#include "processors/accounts.hpp"

#include <array>
#include <utility>

#include "processors/counted_keys.hpp"

namespace troupe::processors {

namespace {

// Names hold no NUL byte, so that NUL parts them.
constexpr counted_keys users{'u'};        // user → record
constexpr counted_keys bindings{'o'};     // user NUL role → empty
constexpr counted_keys permissions{'p'};  // role NUL resource NUL action → empty

constexpr std::array<std::string_view, 3> verb_prefixes{"USER_", "ROLE_", "PERMISSION_"};

reply operation_failed(const std::string& detail) {
  return reply::refused("Account operation failed. " + detail);
}

reply full(std::size_t max, const std::string& of_what) {
  return operation_failed("there are " + std::to_string(max) + ' ' + of_what +
                          ", which is the limit");
}

reply done(bool changed) {
  return reply::ok(auth::encode(auth::write_reply{changed}));
}

std::string quoted(std::string_view name) {
  return '\'' + std::string(name) + '\'';
}

std::string joined(std::string_view first, std::string_view second) {
  return std::string(first).append(1, '\0').append(second);
}

/// What stands before and behind the first NUL.
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const auto at = name.find('\0');
  if (at == std::string_view::npos) return {name, {}};
  return {name.substr(0, at), name.substr(at + 1)};
}

std::string name_of(const auth::permission& p) {
  return joined(joined(p.role, p.resource), p.action);
}

auth::permission permission_in(std::string_view name) {
  const auto [role, rest] = split(name);
  const auto [resource, action] = split(rest);
  return {role, resource, action};
}

std::vector<std::string> roles_of(const persistence::state_view& view, std::string_view user) {
  auto names = bindings.names(view, joined(user, {}));
  for (auto& name : names) name.erase(0, user.size() + 1);
  return names;
}

std::vector<std::string> users_with(const persistence::state_view& view, std::string_view role) {
  std::vector<std::string> found;
  bindings.each(view, {}, {}, [&](std::string_view name, std::string_view) {
    const auto [user, bound] = split(name);
    if (bound == role) found.emplace_back(user);
    return true;
  });
  return found;
}

bool is_admin(const persistence::state_view& view, std::string_view user) {
  return bindings.get(view, joined(user, auth::admin_role)).has_value();
}

}  // namespace

bool accounts::understands(std::string_view verb) const {
  for (const auto prefix : verb_prefixes) {
    if (verb.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

reply accounts::apply(const command& entry, persistence::state_batch& batch) {
  const auto decoded = auth::decode_command(entry.data.view());
  if (!decoded) return operation_failed(decoded.error().what);
  return std::visit([&](const auto& c) { return change(c, entry.index, batch); }, *decoded);
}

reply accounts::change(const auth::user_command& c, raft::log_index index,
                       persistence::state_batch& batch) {
  if (c.verb == auth::verb_user_remove) return remove_user(c.user, batch);
  if (c.verb == auth::verb_user_admin) return first_administrator(c, index, batch);
  return put_user(c, index, batch);
}

reply accounts::put_user(const auth::user_command& c, raft::log_index index,
                         persistence::state_batch& batch) {
  const bool known = users.get(batch, c.user).has_value();
  if (c.verb == auth::verb_user_add && known) {
    return reply::refused("user " + quoted(c.user) + " already exist!");
  }
  if (c.verb == auth::verb_user_update && !known) {
    return reply::refused("user " + quoted(c.user) + " not exist!");
  }
  if (!known && users.count(batch) >= auth::users_max) return full(auth::users_max, "users");
  write_user(c.user, {c.hash, index}, batch);
  return done(true);
}

reply accounts::first_administrator(const auth::user_command& c, raft::log_index index,
                                    persistence::state_batch& batch) {
  if (!users_with(batch, auth::admin_role).empty()) {
    return reply::refused("have admin user cannot use it");
  }
  // No limit here: rather one user too many than a cluster that nobody may administer.
  write_user(c.user, {c.hash, index}, batch);
  write_binding(c.user, auth::admin_role, batch);
  return done(true);
}

reply accounts::remove_user(std::string_view user, persistence::state_batch& batch) {
  if (is_admin(batch, user)) return reply::refused("cannot delete admin: " + std::string(user));
  if (!users.erase(batch, user)) return done(false);
  for (const auto& role : roles_of(batch, user)) erase_binding(user, role, batch);
  news_.emplace_back([user = std::string(user)](auto& observer) { observer.user_erased(user); });
  return done(true);
}

reply accounts::change(const auth::role_command& c, raft::log_index,
                       persistence::state_batch& batch) {
  const bool adds = c.verb == auth::verb_role_add;
  if (c.role == auth::admin_role) {
    return reply::refused("role 'ROLE_ADMIN' is not permitted to " +
                          std::string(adds ? "create!" : "delete!"));
  }
  if (adds) return bind(c, batch);
  return c.user.empty() ? remove_role(c.role, batch) : done(erase_binding(c.user, c.role, batch));
}

reply accounts::bind(const auth::role_command& c, persistence::state_batch& batch) {
  if (!users.get(batch, c.user)) return reply::refused("user " + quoted(c.user) + " not found!");
  if (bindings.get(batch, joined(c.user, c.role))) {
    return reply::refused("user " + quoted(c.user) + " already bind to the role " + quoted(c.role) +
                          '!');
  }
  if (bindings.count(batch) >= auth::bindings_max) {
    return full(auth::bindings_max, "roles of users");
  }
  write_binding(c.user, c.role, batch);
  return done(true);
}

reply accounts::remove_role(std::string_view role, persistence::state_batch& batch) {
  bool changed = false;
  for (const auto& user : users_with(batch, role)) {
    changed = erase_binding(user, role, batch) || changed;
  }
  // Whoever gets a role of this name later must not find what an earlier one was permitted.
  for (const auto& name : permissions.names(batch, joined(role, {}))) {
    changed = erase_permission(name, batch) || changed;
  }
  return done(changed);
}

reply accounts::change(const auth::permission_command& c, raft::log_index,
                       persistence::state_batch& batch) {
  const auto name = name_of(c.permission);
  if (c.verb == auth::verb_permission_remove) return done(erase_permission(name, batch));
  if (permissions.get(batch, name)) return done(false);
  if (permissions.count(batch) >= auth::permissions_max) {
    return full(auth::permissions_max, "permissions");
  }
  permissions.put(batch, name, {});
  news_.emplace_back([name](auto& observer) { observer.permission_put(permission_in(name)); });
  return done(true);
}

void accounts::write_user(std::string_view user, const auth::user_record& r,
                          persistence::state_batch& batch) {
  users.put(batch, user, auth::encode_record(r));
  news_.emplace_back([user = std::string(user), hash = std::string(r.hash),
                      revision = r.revision](auto& observer) {
    observer.user_put(user, {hash, revision});
  });
}

void accounts::write_binding(std::string_view user, std::string_view role,
                             persistence::state_batch& batch) {
  bindings.put(batch, joined(user, role), {});
  news_.emplace_back([user = std::string(user), role = std::string(role)](auto& observer) {
    observer.role_bound(user, role);
  });
}

bool accounts::erase_binding(std::string_view user, std::string_view role,
                             persistence::state_batch& batch) {
  if (!bindings.erase(batch, joined(user, role))) return false;
  news_.emplace_back([user = std::string(user), role = std::string(role)](auto& observer) {
    observer.role_unbound(user, role);
  });
  return true;
}

bool accounts::erase_permission(const std::string& name, persistence::state_batch& batch) {
  if (!permissions.erase(batch, name)) return false;
  news_.emplace_back([name](auto& observer) { observer.permission_erased(permission_in(name)); });
  return true;
}

reply accounts::query(std::string_view request, const persistence::state_view& view) const {
  const auto q = auth::decode_query(request);
  if (!q) return operation_failed(q.error().what);
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;  // what the reply points into
  auth::users_reply out;
  users.each(view, {}, q->after, [&](std::string_view user, std::string_view) {
    out.more = rows.size() == q->limit;
    if (!out.more) rows.push_back({std::string(user), {}});
    return !out.more;
  });
  for (auto& [user, roles] : rows) {
    roles = roles_of(view, user);
    out.users.push_back({user, {roles.begin(), roles.end()}});
  }
  return reply::ok(auth::encode(out));
}

void accounts::loaded(const persistence::state_view& view) {
  news_.clear();
  if (!told_) return;
  told_->begin();
  users.each(view, {}, {}, [&](std::string_view user, std::string_view stored) {
    // Who cannot be read cannot log in: the safe side.
    if (const auto record = auth::decode_record(stored)) told_->user_put(user, *record);
    return true;
  });
  bindings.each(view, {}, {}, [&](std::string_view name, std::string_view) {
    const auto [user, role] = split(name);
    told_->role_bound(user, role);
    return true;
  });
  permissions.each(view, {}, {}, [&](std::string_view name, std::string_view) {
    told_->permission_put(permission_in(name));
    return true;
  });
  told_->loaded();
}

void accounts::committed() {
  const auto news = std::exchange(news_, {});
  if (!told_) return;
  for (const auto& tell : news) tell(*told_);
}

}  // namespace troupe::processors

// account_messages: what one may ask about who may do what: users, their roles, and what roles are
// permitted. Structs own no texts: those point into what the caller holds, or into the bytes that
// were decoded. Knows nothing of HTTP, tokens and of how a password becomes a hash. nacos-spec C.9,
// E.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::processors::auth {

// Limits in bytes, and in records of the whole group.
constexpr std::size_t user_bytes_max = 128;
constexpr std::size_t role_bytes_max = 128;
constexpr std::size_t resource_bytes_max = 512;
constexpr std::size_t hash_bytes_max = 128;
constexpr std::size_t users_max = 10'000;
constexpr std::size_t bindings_max = 50'000;
constexpr std::size_t permissions_max = 50'000;
constexpr std::uint32_t list_limit_max = 1'000;

/// May do everything. Bound by verb_user_admin alone.
constexpr std::string_view admin_role = "ROLE_ADMIN";

// Verbs are texts in the log: never change.
constexpr std::string_view verb_user_add = "USER_ADD";        ///< refused when the name exists
constexpr std::string_view verb_user_update = "USER_UPDATE";  ///< refused when it does not
/// Takes the user's roles along; refused for an administrator; idempotent.
constexpr std::string_view verb_user_remove = "USER_REMOVE";
/// The first administrator, new or not; refused once there is one.
constexpr std::string_view verb_user_admin = "USER_ADMIN";
constexpr std::string_view verb_role_add = "ROLE_ADD";
/// Without a user: of everybody, and what the role was permitted; idempotent.
constexpr std::string_view verb_role_remove = "ROLE_REMOVE";
constexpr std::string_view verb_permission_add = "PERMISSION_ADD";
constexpr std::string_view verb_permission_remove = "PERMISSION_REMOVE";  ///< idempotent

struct user_command {
  std::string_view verb;
  std::string_view user;
  std::string_view hash;  ///< of the password, as bcrypt writes it; empty for verb_user_remove
  friend bool operator==(const user_command&, const user_command&) = default;
};

struct role_command {
  std::string_view verb;
  std::string_view role;
  std::string_view user;
  friend bool operator==(const role_command&, const role_command&) = default;
};

/// What a role may do. `resource` is namespace:group:name with '*' for any run of characters.
struct permission {
  std::string_view role;
  std::string_view resource;
  std::string_view action;  ///< r, w or rw
  friend auto operator<=>(const permission&, const permission&) = default;
};

struct permission_command {
  std::string_view verb;
  auth::permission permission;
  friend bool operator==(const permission_command&, const permission_command&) = default;
};

using command = std::variant<user_command, role_command, permission_command>;

struct write_reply {
  bool changed = false;  ///< false: the state was as asked for already
  friend bool operator==(const write_reply&, const write_reply&) = default;
};

struct user_record {
  std::string_view hash;
  /// Of the entry that set the password: a token made before it counts no longer.
  raft::log_index revision;
  friend bool operator==(const user_record&, const user_record&) = default;
};

// Queries begin with texts as commands do.
constexpr std::string_view query_users = "USER_LIST";

/// Users by name, those behind `after`; `limit` is 1 to list_limit_max. Hashes are not told.
struct list_users {
  std::string_view after;
  std::uint32_t limit = 100;
  friend bool operator==(const list_users&, const list_users&) = default;
};

struct user_item {
  std::string_view user;
  std::vector<std::string_view> roles;
  friend bool operator==(const user_item&, const user_item&) = default;
};

struct users_reply {
  std::vector<user_item> users;
  bool more = false;  ///< ask again behind the last one
  friend bool operator==(const users_reply&, const users_reply&) = default;
};

/// "$2b$10$…": the only form of a password that reaches a log.
bool is_bcrypt(std::string_view text);

std::string encode(const command& c);
std::string encode(const write_reply& r);
std::string encode(const list_users& q);
std::string encode(const users_reply& r);
/// As it stands in the state. On disk.
std::string encode_record(const user_record& r);

/// Limits are checked here.
raft::expected<command, codec::decode_error> decode_command(std::string_view bytes);
raft::expected<write_reply, codec::decode_error> decode_write_reply(std::string_view bytes);
raft::expected<list_users, codec::decode_error> decode_query(std::string_view bytes);
raft::expected<users_reply, codec::decode_error> decode_users_reply(std::string_view bytes);
raft::expected<user_record, codec::decode_error> decode_record(std::string_view bytes);

}  // namespace troupe::processors::auth

#include "processors/account_messages.hpp"

#include <algorithm>

#include "processors/configuration_part.hpp"
#include "processors/payload.hpp"

namespace troupe::processors::auth {

namespace {

constexpr std::uint32_t format_version = configuration_format;
/// Users of a page and every binding that there may be.
constexpr std::size_t reply_fields_max = 8 * list_limit_max + 2 * bindings_max;

/// Of replies and records: on the wire and on disk, never renumber.
enum class operation : std::uint8_t { write = 1, users = 2, user = 3 };

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

std::uint64_t number_of(operation o) {
  return static_cast<std::uint64_t>(o);
}

void expect(payload_reader& r, operation o) {
  if (r.integer("operation") != number_of(o)) r.fail("operation: answers something else");
}

template <class T>
decoded<T> finished(payload_reader& r, T value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

/// A text without NUL bytes, which part names in the keys of the state.
std::string_view read_name(payload_reader& r, std::string_view field, std::size_t bytes_max,
                           bool may_be_empty = false) {
  const auto text = r.text(field, bytes_max);
  if (text.empty() && !may_be_empty) r.fail(std::string(field) + ": is empty");
  if (text.find('\0') != std::string_view::npos) r.fail(std::string(field) + ": holds a NUL byte");
  return text;
}

std::string_view read_hash(payload_reader& r) {
  const auto hash = r.text("password hash", hash_bytes_max);
  if (!is_bcrypt(hash)) r.fail("password hash: is not as bcrypt writes one");
  return hash;
}

user_command read_user_command(payload_reader& r, std::string_view verb) {
  user_command c{verb, read_name(r, "user", user_bytes_max), {}};
  if (verb != verb_user_remove) c.hash = read_hash(r);
  return c;
}

role_command read_role_command(payload_reader& r, std::string_view verb) {
  role_command c{verb, read_name(r, "role", role_bytes_max), {}};
  c.user = read_name(r, "user", user_bytes_max, verb == verb_role_remove);
  return c;
}

permission_command read_permission_command(payload_reader& r, std::string_view verb) {
  permission_command c{verb, {}};
  c.permission.role = read_name(r, "role", role_bytes_max);
  c.permission.resource = read_name(r, "resource", resource_bytes_max);
  c.permission.action = r.text("action");
  if (c.permission.action != "r" && c.permission.action != "w" && c.permission.action != "rw") {
    r.fail("action: is not r, w or rw");
  }
  return c;
}

void write(payload_writer& w, const user_command& c) {
  w.text(c.user);
  if (c.verb != verb_user_remove) w.text(c.hash);
}

void write(payload_writer& w, const role_command& c) {
  w.text(c.role).text(c.user);
}

void write(payload_writer& w, const permission_command& c) {
  w.text(c.permission.role).text(c.permission.resource).text(c.permission.action);
}

std::uint32_t fields_of(const user_command& c) {
  return c.verb == verb_user_remove ? 1 : 2;
}
std::uint32_t fields_of(const role_command&) {
  return 2;
}
std::uint32_t fields_of(const permission_command&) {
  return 3;
}

}  // namespace

bool is_bcrypt(std::string_view text) {
  // crypt(5): "$2", a letter, "$", two digits, "$", 22 characters of salt, 31 of hash.
  constexpr std::string_view alphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 60 && text.substr(0, 2) == "$2" &&
         std::string_view("aby").find(text[2]) != std::string_view::npos && text[3] == '$' &&
         is_digit(text[4]) && is_digit(text[5]) && text[6] == '$' &&
         text.find_first_not_of(alphabet, 7) == std::string_view::npos;
}

std::string encode(const command& c) {
  return std::visit(
      [](const auto& which) {
        payload_writer w(format_version, payload_kind::command, fields_of(which) + 1);
        w.text(which.verb);
        write(w, which);
        return std::move(w).take();
      },
      c);
}

std::string encode(const write_reply& r) {
  payload_writer w(format_version, payload_kind::reply, 2);
  w.integer(number_of(operation::write)).boolean(r.changed);
  return std::move(w).take();
}

std::string encode(const list_users& q) {
  payload_writer w(format_version, payload_kind::query, 3);
  w.text(query_users).text(q.after).integer(q.limit);
  return std::move(w).take();
}

std::string encode(const users_reply& r) {
  payload_writer w(format_version, payload_kind::reply, 3);
  w.integer(number_of(operation::users)).array(static_cast<std::uint32_t>(r.users.size()));
  for (const auto& u : r.users) {
    w.array(2).text(u.user).array(static_cast<std::uint32_t>(u.roles.size()));
    for (const auto role : u.roles) w.text(role);
  }
  w.boolean(r.more);
  return std::move(w).take();
}

std::string encode_record(const user_record& r) {
  payload_writer w(format_version, payload_kind::record, 3);
  w.integer(number_of(operation::user)).text(r.hash).integer(r.revision.value());
  return std::move(w).take();
}

decoded<command> decode_command(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::command);
  const auto verb = r.text("verb");
  const auto is_one_of = [verb](std::initializer_list<std::string_view> verbs) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
  };
  if (is_one_of({verb_user_add, verb_user_update, verb_user_remove, verb_user_admin})) {
    return finished(r, command(read_user_command(r, verb)));
  }
  if (is_one_of({verb_role_add, verb_role_remove})) {
    return finished(r, command(read_role_command(r, verb)));
  }
  if (is_one_of({verb_permission_add, verb_permission_remove})) {
    return finished(r, command(read_permission_command(r, verb)));
  }
  r.fail("verb: " + std::string(verb) + " is unknown");
  return raft::unexpected(r.error());
}

decoded<write_reply> decode_write_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply);
  expect(r, operation::write);
  return finished(r, write_reply{r.boolean("changed")});
}

decoded<list_users> decode_query(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::query);
  if (const auto verb = r.text("verb"); verb != query_users) {
    r.fail("verb: " + std::string(verb) + " is unknown");
  }
  list_users q;
  q.after = r.text("after", user_bytes_max);
  q.limit = static_cast<std::uint32_t>(r.integer("limit", list_limit_max));
  if (q.limit == 0) r.fail("limit: is below 1");
  return finished(r, q);
}

decoded<users_reply> decode_users_reply(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::reply, reply_fields_max);
  expect(r, operation::users);
  users_reply out;
  const auto users = r.array("users", list_limit_max);
  for (std::size_t i = 0; i < users && r.ok(); ++i) {
    r.tuple("user", 2);
    user_item item{read_name(r, "user", user_bytes_max), {}};
    const auto roles = r.array("roles", bindings_max);
    for (std::size_t n = 0; n < roles && r.ok(); ++n) {
      item.roles.push_back(read_name(r, "role", role_bytes_max));
    }
    out.users.push_back(std::move(item));
  }
  out.more = r.boolean("more");
  return finished(r, std::move(out));
}

decoded<user_record> decode_record(std::string_view bytes) {
  payload_reader r(bytes, format_version, payload_kind::record);
  expect(r, operation::user);
  user_record out;
  out.hash = read_hash(r);
  out.revision = raft::log_index{r.integer("revision")};
  return finished(r, out);
}

}  // namespace troupe::processors::auth

// Logging in, and the administration of users, roles and permissions: /nacos/v1/auth. nacos-spec
// C.9. Who may call what is the guard's matter.
#include <openssl/rand.h>

#include <array>

#include "http/access_services.hpp"
#include "http/json_answer.hpp"
#include "http/nacos_page.hpp"
#include "http/nacos_result.hpp"
#include "http/naming_parameters.hpp"
#include "http/naming_text.hpp"
#include "http/routes.hpp"
#include "processors/configuration.hpp"
#include "processors/wildcard.hpp"

namespace troupe::http {

namespace {

namespace auth = processors::auth;
using json = nlohmann::ordered_json;

constexpr std::string_view group_name = processors::configuration::group_name;
/// What clients carry along, and nobody looks at, while authentication is off.
constexpr std::string_view token_when_disabled = "AUTH_DISABLED";
constexpr std::string_view first_administrator = "nacos";
constexpr std::uint64_t page_size_max = 10'000;
constexpr std::uint64_t page_max = std::uint64_t{1} << 31U;

response caused_by(unsigned status, const std::string& text) {
  return plain_text(status, "caused: " + text + ";");
}

/// A rule of the group is the caller's fault; nacos-spec A.4.2 for the rest.
response write_failed(const error& e) {
  const bool is_wrong = e.code == error_code::refused || e.code == error_code::invalid_argument;
  return caused_by(is_wrong ? 400 : 500, failure_text(e, group_name));
}

std::string text_of(const naming_parameters& p, std::string_view name) {
  return std::string(p.find(name).value_or(""));
}

/// Why the text cannot be a name; nothing when it can.
std::optional<response> check_name(std::string_view param, std::string_view text,
                                   std::size_t bytes_max) {
  const auto facts = examine(text);
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (text.size() <= bytes_max && facts.valid && !has_control) return std::nullopt;
  return caused_by(400, std::string(param) +
                            ": must be UTF-8 without control characters, of at "
                            "most " +
                            std::to_string(bytes_max) + " bytes");
}

std::optional<response> check_password(std::string_view param, std::string_view password) {
  const bool fits = !password.empty() && password.size() <= password_bytes_max &&
                    password.find('\0') == std::string_view::npos;
  if (fits) return std::nullopt;
  return caused_by(400, std::string(param) + ": must have 1 to " +
                            std::to_string(password_bytes_max) +
                            " bytes, none of them NUL: bcrypt looks at no more");
}

std::string random_password() {
  constexpr std::string_view letters =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_";
  std::array<unsigned char, 20> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  std::string password;
  for (const auto b : bytes) password.push_back(letters[b % letters.size()]);
  return password;
}

class account_api : public std::enable_shared_from_this<account_api> {
 public:
  account_api(view_ptr view, const access_services& access)
      : view_(std::move(view)), who_(access.who), accounts_(access.accounts) {}

  void add_to(router& routes);

 private:
  using method = void (account_api::*)(const exchange_ptr&, const naming_parameters&);
  handler handled_by(method m, std::initializer_list<const char*> required = {});

  void log_in(const exchange_ptr& call, const naming_parameters& p);
  void add_user(const exchange_ptr& call, const naming_parameters& p);
  void change_password(const exchange_ptr& call, const naming_parameters& p);
  void remove_user(const exchange_ptr& call, const naming_parameters& p);
  void list_users(const exchange_ptr& call, const naming_parameters& p);
  void search_users(const exchange_ptr& call, const naming_parameters& p);
  void add_administrator(const exchange_ptr& call, const naming_parameters& p);
  void add_role(const exchange_ptr& call, const naming_parameters& p);
  void remove_role(const exchange_ptr& call, const naming_parameters& p);
  void list_roles(const exchange_ptr& call, const naming_parameters& p);
  void search_roles(const exchange_ptr& call, const naming_parameters& p);
  void add_permission(const exchange_ptr& call, const naming_parameters& p);
  void remove_permission(const exchange_ptr& call, const naming_parameters& p);
  void list_permissions(const exchange_ptr& call, const naming_parameters& p);

  void propose(const exchange_ptr& call, const auth::command& c, response done) const;
  void propose_user(const exchange_ptr& call, std::string_view verb, const std::string& user,
                    const std::string& password, response done) const;
  [[nodiscard]] response logged_in(const std::string& user) const;

  view_ptr view_;
  std::shared_ptr<authenticator> who_;
  std::shared_ptr<const account_table> accounts_;
};

handler account_api::handled_by(method m, std::initializer_list<const char*> required) {
  return [self = shared_from_this(), m, required = std::vector<const char*>(required)](
             const exchange_ptr& call, const std::string&) {
    const auto p = naming_parameters::of(call->request());
    if (!p) return call->respond(p.error());
    for (const auto* name : required) {
      const auto given = p->as_sent(name);
      if (!given || given->empty()) {
        return call->respond(plain_text(400, "Param '" + std::string(name) + "' is required."));
      }
    }
    (self.get()->*m)(call, *p);
  };
}

void account_api::add_to(router& routes) {
  const std::string base = "/nacos/v1/auth";
  for (const auto* login :
       {"/nacos/v1/auth/login", "/nacos/v1/auth/users/login", "/nacos/v3/auth/user/login"}) {
    routes.add("POST", login, handled_by(&account_api::log_in, {"username", "password"}));
  }
  routes.add("POST", base + "/users/admin", handled_by(&account_api::add_administrator));
  routes.add("POST", base + "/users", handled_by(&account_api::add_user, {"username", "password"}));
  routes.add("PUT", base + "/users",
             handled_by(&account_api::change_password, {"username", "newPassword"}));
  routes.add("DELETE", base + "/users", handled_by(&account_api::remove_user, {"username"}));
  routes.add("GET", base + "/users", handled_by(&account_api::list_users));
  routes.add("GET", base + "/users/search", handled_by(&account_api::search_users));
  routes.add("POST", base + "/roles", handled_by(&account_api::add_role, {"role", "username"}));
  routes.add("DELETE", base + "/roles", handled_by(&account_api::remove_role, {"role"}));
  routes.add("GET", base + "/roles", handled_by(&account_api::list_roles));
  routes.add("GET", base + "/roles/search", handled_by(&account_api::search_roles));
  const std::initializer_list<const char*> permission{"role", "resource", "action"};
  routes.add("POST", base + "/permissions", handled_by(&account_api::add_permission, permission));
  routes.add("DELETE", base + "/permissions",
             handled_by(&account_api::remove_permission, permission));
  routes.add("GET", base + "/permissions", handled_by(&account_api::list_permissions));
}

// ---- logging in --------------------------------------------------------------------------------

response account_api::logged_in(const std::string& user) const {
  const auto& settings = who_->settings();
  const auto token =
      settings.enabled ? who_->token_for(user) : std::optional(std::string(token_when_disabled));
  if (!token) return plain_text(403, "user not found!");
  auto r = json_answer({{"accessToken", *token},
                        {"tokenTtl", settings.token_lifetime.count()},
                        {"globalAdmin", !settings.enabled || accounts_->is_administrator(user)},
                        {"username", user}});
  r.headers.emplace_back("Authorization", "Bearer " + *token);
  return r;
}

void account_api::log_in(const exchange_ptr& call, const naming_parameters& p) {
  const std::string user(*p.as_sent("username"));
  if (!who_->settings().enabled) return call->respond(logged_in(user));
  who_->by_password(user, std::string(*p.as_sent("password")),
                    [self = shared_from_this(), call](const auto& who) {
                      call->respond(who ? self->logged_in(*who)
                                        : plain_text(who.error().status, who.error().text));
                    });
}

// ---- users -------------------------------------------------------------------------------------

void account_api::propose(const exchange_ptr& call, const auth::command& c, response done) const {
  view_->group(std::string(group_name))
      .propose(raft::bytes(auth::encode(c)), {},
               on_strand(
                   call,
                   [call, done = std::move(done)](const troupe::response&) { call->respond(done); },
                   write_failed));
}

void account_api::propose_user(const exchange_ptr& call, std::string_view verb,
                               const std::string& user, const std::string& password,
                               response done) const {
  const bool taken = who_->hasher().hash(
      password, [self = shared_from_this(), call, verb, user, done = std::move(done)](auto hash) {
        if (!hash) return call->respond(caused_by(500, "the password cannot be hashed"));
        self->propose(call, auth::user_command{verb, user, *hash}, done);
      });
  if (!taken) call->respond(caused_by(503, "too many passwords wait to be hashed; try again"));
}

void account_api::add_user(const exchange_ptr& call, const naming_parameters& p) {
  const auto user = text_of(p, "username");
  const std::string password(*p.as_sent("password"));
  if (auto bad = check_name("username", user, auth::user_bytes_max)) return call->respond(*bad);
  if (auto bad = check_password("password", password)) return call->respond(*bad);
  // The log decides; this spares the work of hashing.
  if (accounts_->find(user)) {
    return call->respond(caused_by(400, "user '" + user + "' already exist!"));
  }
  propose_user(call, auth::verb_user_add, user, password, rest_result_ok("create user ok!"));
}

void account_api::change_password(const exchange_ptr& call, const naming_parameters& p) {
  const auto user = text_of(p, "username");
  const std::string password(*p.as_sent("newPassword"));
  if (auto bad = check_name("username", user, auth::user_bytes_max)) return call->respond(*bad);
  if (auto bad = check_password("newPassword", password)) return call->respond(*bad);
  propose_user(call, auth::verb_user_update, user, password, rest_result_ok("update user ok!"));
}

void account_api::remove_user(const exchange_ptr& call, const naming_parameters& p) {
  const auto user = text_of(p, "username");
  if (auto bad = check_name("username", user, auth::user_bytes_max)) return call->respond(*bad);
  propose(call, auth::user_command{auth::verb_user_remove, user, {}},
          rest_result_ok("delete user ok!"));
}

void account_api::add_administrator(const exchange_ptr& call, const naming_parameters& p) {
  // As above. A node that does not know yet asks the log in vain.
  if (accounts_->has_administrator()) {
    return call->respond(rest_result(409, "have admin user cannot use it", nullptr));
  }
  auto password = std::string(p.as_sent("password").value_or(""));
  if (password.empty()) password = random_password();
  if (auto bad = check_password("password", password)) return call->respond(*bad);
  propose_user(call, auth::verb_user_admin, std::string(first_administrator), password,
               json_answer({{"username", first_administrator}, {"password", password}}));
}

// ---- lists -------------------------------------------------------------------------------------

std::optional<page_request> read_page(const naming_parameters& p) {
  const auto number = parse_number(p.find("pageNo").value_or("1"), 1, page_max);
  const auto size = parse_number(p.find("pageSize").value_or("10"), 1, page_size_max);
  if (!number || !size) return std::nullopt;
  return page_request{*number, *size};
}

/// Whether `text` is what the parameter asks for: anything, itself, or with '*' when `blur`.
bool is_wanted(const naming_parameters& p, std::string_view param, std::string_view text) {
  const auto wanted = p.find(param);
  if (!wanted) return true;
  return p.find("search") == "blur" ? processors::matches_wildcard(*wanted, text) : *wanted == text;
}

template <class Row, class Wanted, class Shape>
void respond_with_page(const exchange_ptr& call, const naming_parameters& p, std::vector<Row> rows,
                       const Wanted& wanted, const Shape& shape) {
  const auto page = read_page(p);
  if (!page) {
    return call->respond(
        caused_by(400, "pageNo: from 1; pageSize: from 1 to " + std::to_string(page_size_max)));
  }
  rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const Row& r) { return !wanted(r); }),
             rows.end());
  call->respond(json_answer(nacos_page(rows, *page, shape)));
}

void account_api::list_users(const exchange_ptr& call, const naming_parameters& p) {
  respond_with_page(
      call, p, accounts_->users(), [&](const auto& u) { return is_wanted(p, "username", u.user); },
      [](const auto& u) {
        return json{{"username", u.user}, {"password", u.hash}};
      });
}

void account_api::search_users(const exchange_ptr& call, const naming_parameters& p) {
  json names = json::array();
  for (const auto& u : accounts_->users()) {
    if (u.user.find(text_of(p, "username")) != std::string::npos) names.push_back(u.user);
  }
  call->respond(json_answer(names));
}

// ---- roles and permissions ---------------------------------------------------------------------

void account_api::add_role(const exchange_ptr& call, const naming_parameters& p) {
  const auto role = text_of(p, "role");
  const auto user = text_of(p, "username");
  if (auto bad = check_name("role", role, auth::role_bytes_max)) return call->respond(*bad);
  propose(call, auth::role_command{auth::verb_role_add, role, user},
          rest_result_ok("add role ok!"));
}

void account_api::remove_role(const exchange_ptr& call, const naming_parameters& p) {
  const auto role = text_of(p, "role");
  const auto user = text_of(p, "username");
  propose(
      call, auth::role_command{auth::verb_role_remove, role, user},
      rest_result_ok(user.empty() ? "delete role ok!" : "delete role of user " + user + " ok!"));
}

void account_api::list_roles(const exchange_ptr& call, const naming_parameters& p) {
  respond_with_page(
      call, p, accounts_->roles(),
      [&](const auto& r) {
        return is_wanted(p, "username", r.user) && is_wanted(p, "role", r.role);
      },
      [](const auto& r) {
        return json{{"role", r.role}, {"username", r.user}};
      });
}

void account_api::search_roles(const exchange_ptr& call, const naming_parameters& p) {
  std::set<std::string> found;
  for (const auto& r : accounts_->roles()) {
    if (r.role.find(text_of(p, "role")) != std::string::npos) found.insert(r.role);
  }
  call->respond(json_answer(json(found)));
}

void account_api::add_permission(const exchange_ptr& call, const naming_parameters& p) {
  const auto role = text_of(p, "role");
  const auto resource = text_of(p, "resource");
  const auto action = text_of(p, "action");
  if (auto bad = check_name("role", role, auth::role_bytes_max)) return call->respond(*bad);
  if (auto bad = check_name("resource", resource, auth::resource_bytes_max)) {
    return call->respond(*bad);
  }
  if (!resource_pattern::parse(resource)) {
    return call->respond(caused_by(400, "resource: must be namespace:group:name, as in dev:*:*"));
  }
  propose(call, auth::permission_command{auth::verb_permission_add, {role, resource, action}},
          rest_result_ok("add permission ok!"));
}

void account_api::remove_permission(const exchange_ptr& call, const naming_parameters& p) {
  const auto role = text_of(p, "role");
  const auto resource = text_of(p, "resource");
  const auto action = text_of(p, "action");
  propose(call, auth::permission_command{auth::verb_permission_remove, {role, resource, action}},
          rest_result_ok("delete permission ok!"));
}

void account_api::list_permissions(const exchange_ptr& call, const naming_parameters& p) {
  respond_with_page(
      call, p, accounts_->permissions(),
      [&](const auto& r) { return is_wanted(p, "role", r.role); },
      [](const auto& r) {
        return json{{"role", r.role}, {"resource", r.resource}, {"action", r.action}};
      });
}

}  // namespace

void add_account_routes(router& routes, const view_ptr& view, const access_services& access) {
  std::make_shared<account_api>(view, access)->add_to(routes);
}

}  // namespace troupe::http

#include "http/guard.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "http/json_answer.hpp"
#include "http/nacos_result.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

/// "2023-11-14T22:13:20.000+00:00", as containers of Nacos servers write it.
std::string timestamp(std::uint64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  auto fraction = std::to_string(ms % 1'000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::string(text.data(), size) + '.' + fraction + "+00:00";
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// Parameters of the query and, when the body is one, of the form.
bool read_form(const request& r, parameters& form) {
  const auto type = r.header("Content-Type").value_or("");
  const bool has_form = equal_ignoring_case(trimmed(type.substr(0, type.find(';'))),
                                            "application/x-www-form-urlencoded");
  return form.add_form(r.query) && (!has_form || form.add_form(r.body));
}

}  // namespace

struct guard::asked {
  exchange_ptr call;
  access_need need;
  parameters form;
  std::function<void()> pass;
};

void guard::admit(const exchange_ptr& call, std::function<void()> pass) const {
  const auto& r = call->request();
  if (!who_->settings().enabled) return pass();
  const auto need = need_of(r);
  if (need.what == access_class::open || who_->is_server(r)) return pass();
  const auto a = std::make_shared<asked>();
  if (!read_form(r, a->form)) {
    return call->respond(
        {400, "a '%' is not followed by two hexadecimal digits", "text/plain;charset=UTF-8", {}});
  }
  a->call = call;
  a->need = need;
  a->pass = std::move(pass);
  who_->recognise(r, a->form, [this, a](const auto& who) {
    // Perhaps on a thread of the hasher, which handlers must not hold up.
    a->call->post([this, a, who] { judge(*a, who); });
  });
}

void guard::judge(const asked& a, const authenticator::user_or_denial& who) const {
  const auto& r = a.call->request();
  if (!who) return a.call->respond(refusal(r, who.error()));
  if (!may(*who, a.need, r, a.form)) {
    return a.call->respond(refusal(r, {403, "authorization failed!"}));
  }
  a.call->set_user(*who);
  a.pass();
}

bool guard::may(const std::string& user, const access_need& need, const request& r,
                const parameters& form) const {
  const auto& accounts = who_->accounts();
  if (need.what == access_class::signed_in || accounts.is_administrator(user)) return true;
  if (need.what == access_class::own_account) return form.find("username") == user;
  if (need.what == access_class::administrator) return false;
  const auto touched = resources_of(need.what, r, form);
  return std::all_of(touched.begin(), touched.end(),
                     [&](const resource& what) { return accounts.permits(user, what, need.how); });
}

response guard::refusal(const request& r, const denial& why) const {
  if (!begins_with(r.path, "/nacos")) {
    return why.status == 403 ? answer_of(403, "forbidden", why.text)
                             : answer_of({error_code::overloaded, why.text, {}});
  }
  if (begins_with(r.path, "/nacos/v2") || begins_with(r.path, "/nacos/v3")) {
    return result_error(why.status,
                        why.status == 403 ? nacos_code::access_denied : nacos_code::server_error,
                        why.text);
  }
  return json_answer(why.status,
                     {{"timestamp", timestamp(now_ms_())},
                      {"status", why.status},
                      {"error", why.status == 403 ? "Forbidden" : "Service Unavailable"},
                      {"message", why.text},
                      {"path", r.path}});
}

}  // namespace troupe::http

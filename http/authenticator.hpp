// authenticator: finds out who asks, by what a request carries: a token, a user's name and
// password, or the header by which servers know each other. Knows nothing of what somebody may do,
// of routes and of answers. nacos-spec C.9.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/access_token.hpp"
#include "http/account_table.hpp"
#include "http/exchange.hpp"
#include "http/password_hasher.hpp"
#include "http/text_forms.hpp"
#include "http/verified_passwords.hpp"
#include "raft/expected.hpp"

namespace troupe::http {

struct auth_settings {
  bool enabled = false;
  std::chrono::seconds token_lifetime{18'000};
  /// Set when enabled.
  std::optional<token_key> key;
  /// Header by which the servers of a cluster know each other; not empty when enabled.
  std::string identity_key;
  std::string identity_value;
};

/// Why nobody was recognised: 403 for the client's fault, 503 for what another server, or a little
/// later this one, would not say.
struct denial {
  unsigned status = 403;
  std::string text;
};

/// Any thread.
class authenticator {
 public:
  using user_or_denial = raft::expected<std::string, denial>;
  /// Called once: at once, or on a thread of the hasher.
  using completion = std::function<void(user_or_denial)>;

  /// `now_ms`: since the epoch, for the lifetime of tokens; the system clock when empty.
  authenticator(auth_settings settings, std::shared_ptr<const account_table> accounts,
                std::function<std::uint64_t()> now_ms,
                password_hasher::settings hashing = password_hasher::settings{});
  /// Ends the hasher's threads: what waits for a password is dropped. Before the I/O threads end.
  void stop() { hasher_.stop(); }

  [[nodiscard]] const auth_settings& settings() const { return settings_; }
  [[nodiscard]] const account_table& accounts() const { return *accounts_; }
  [[nodiscard]] password_hasher& hasher() { return hasher_; }

  /// By whatever the request carries; `form` holds what its query and, if it has one, its form say.
  void recognise(const request& r, const parameters& form, const completion& done);
  void by_password(const std::string& user, const std::string& password, completion done);
  [[nodiscard]] user_or_denial by_token(const std::string& token) const;
  [[nodiscard]] bool is_server(const request& r) const;

  /// Nothing when the user is unknown or authentication is off.
  [[nodiscard]] std::optional<std::string> token_for(const std::string& user) const;

 private:
  [[nodiscard]] std::uint64_t now_s() const { return now_ms_() / 1'000; }

  auth_settings settings_;
  std::optional<token_signer> signer_;
  std::shared_ptr<const account_table> accounts_;
  std::function<std::uint64_t()> now_ms_;
  verified_passwords verified_;
  password_hasher hasher_;  ///< ends first: its work uses the rest
};

}  // namespace troupe::http

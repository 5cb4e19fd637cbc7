#include "http/authenticator.hpp"

#include <openssl/crypto.h>

#include <utility>

#include "http/system_clock.hpp"

namespace troupe::http {

namespace {

constexpr std::string_view bearer = "Bearer ";
/// Compared with when the user is unknown, so that the time tells nobody which users there are.
const std::string nobodys_hash = "$2b$10$TcPDXGy606SiBSf7LHDIBuo0nqxsl1fP7q/m7MuG2T2m4iIvxMQSe";

raft::unexpected<denial> deny(std::string text) {
  return raft::unexpected(denial{403, std::move(text)});
}

raft::unexpected<denial> later(std::string text) {
  return raft::unexpected(denial{503, std::move(text)});
}

std::string unknown_user() {
  return "user not found!";
}

/// nacos-spec C.9: every place where clients put it.
std::string token_in(const request& r, const parameters& form) {
  const auto authorization = r.header("Authorization").value_or("");
  if (equal_ignoring_case(authorization.substr(0, bearer.size()), bearer)) {
    return std::string(trimmed(authorization.substr(bearer.size())));
  }
  const auto header = trimmed(r.header("accessToken").value_or(""));
  return std::string(header.empty() ? trimmed(form.find("accessToken").value_or("")) : header);
}

}  // namespace

authenticator::authenticator(auth_settings settings, std::shared_ptr<const account_table> accounts,
                             std::function<std::uint64_t()> now_ms,
                             password_hasher::settings hashing)
    : settings_(std::move(settings)),
      accounts_(std::move(accounts)),
      now_ms_(now_ms ? std::move(now_ms) : system_now_ms),
      hasher_(hashing) {
  if (settings_.enabled && settings_.key) {
    signer_.emplace(*settings_.key, settings_.token_lifetime);
  }
}

void authenticator::recognise(const request& r, const parameters& form, const completion& done) {
  const auto token = token_in(r, form);
  if (!token.empty()) return done(by_token(token));
  const auto user = form.find("username").value_or("");
  const auto password = form.find("password").value_or("");
  if (user.empty() || password.empty()) return done(deny(unknown_user()));
  by_password(std::string(user), std::string(password), done);
}

authenticator::user_or_denial authenticator::by_token(const std::string& token) const {
  if (!signer_) return deny(std::string(text_of(token_fault::invalid)));
  const auto claims = signer_->read(token, now_s());
  if (!claims) return deny(std::string(text_of(claims.error())));
  if (!accounts_->is_loaded()) return later("this server is still loading its users; try again");
  const auto account = accounts_->find(claims->user);
  if (!account) return deny(unknown_user());
  // Another node may know of a newer password before this one does.
  if (claims->revision < account->revision) {
    return deny(std::string(text_of(token_fault::expired)));
  }
  return claims->user;
}

void authenticator::by_password(const std::string& user, const std::string& password,
                                completion done) {
  if (!accounts_->is_loaded()) return done(later("this server is still loading its users"));
  const auto account = accounts_->find(user);
  const auto hash = account ? account->hash : nobodys_hash;
  const auto now = verified_passwords::clock::now();
  if (account && verified_.contains(user, password, hash, now)) return done(user);
  const bool known = account.has_value();
  const bool taken = hasher_.compare(
      password, hash,
      [this, user, password, hash] {
        return verified_.contains(user, password, hash, verified_passwords::clock::now());
      },
      [this, known, user, password, hash, done](bool equal) {
        if (!known || !equal) return done(deny(unknown_user()));
        verified_.insert(user, password, hash, verified_passwords::clock::now());
        done(user);
      });
  if (!taken) done(later("too many passwords wait to be checked; try again, or use a token"));
}

bool authenticator::is_server(const request& r) const {
  if (!settings_.enabled || settings_.identity_key.empty()) return false;
  const auto value = r.header(settings_.identity_key).value_or("");
  const auto& expected = settings_.identity_value;
  return !expected.empty() && value.size() == expected.size() &&
         CRYPTO_memcmp(value.data(), expected.data(), expected.size()) == 0;
}

std::optional<std::string> authenticator::token_for(const std::string& user) const {
  const auto account = accounts_->find(user);
  if (!signer_ || !account) return std::nullopt;
  return signer_->sign({user, account->revision}, now_s());
}

}  // namespace troupe::http

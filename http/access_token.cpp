#include "http/access_token.hpp"

#include <jwt.h>

#include <cstdlib>
#include <memory>

#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

constexpr std::size_t key_bytes_min = 32;
constexpr const char* user_claim = "sub";
constexpr const char* expiry_claim = "exp";
constexpr const char* revision_claim = "rev";

struct jwt_release {
  void operator()(jwt_t* t) const { jwt_free(t); }
};
using jwt_ptr = std::unique_ptr<jwt_t, jwt_release>;

jwt_alg_t algorithm_for(const std::string& key) {
  if (key.size() >= 64) return JWT_ALG_HS512;
  return key.size() >= 48 ? JWT_ALG_HS384 : JWT_ALG_HS256;
}

const unsigned char* bytes_of(const std::string& key) {
  return reinterpret_cast<const unsigned char*>(key.data());
}

/// Null when the text is no token, or not signed with the key; an empty key checks the form alone.
jwt_ptr decode(const std::string& token, const std::string& key) {
  jwt_t* raw = nullptr;
  const int failed = jwt_decode(&raw, token.c_str(), key.empty() ? nullptr : bytes_of(key),
                                static_cast<int>(key.size()));
  // A failed decode may leave a pointer behind that owns nothing.
  return jwt_ptr(failed == 0 ? raw : nullptr);
}

}  // namespace

raft::expected<token_key, std::string> token_key::parse(std::string_view base64) {
  auto bytes = base64_decode(base64);
  if (!bytes) return raft::unexpected<std::string>("is not Base64");
  if (bytes->size() < key_bytes_min) {
    return raft::unexpected<std::string>("holds " + std::to_string(bytes->size()) +
                                         " bytes behind Base64, at least 32 are needed; "
                                         "\"openssl rand -base64 64\" makes a good one");
  }
  return token_key(std::move(*bytes));
}

std::string_view text_of(token_fault fault) {
  switch (fault) {
    case token_fault::invalid:
      return "token invalid!";
    case token_fault::bad_signature:
      return "Invalid signature";
    case token_fault::expired:
      return "token expired!";
  }
  return "token invalid!";
}

std::optional<std::string> token_signer::sign(const token_claims& claims,
                                              std::uint64_t now_s) const {
  jwt_t* raw = nullptr;
  int failed = jwt_new(&raw);
  const jwt_ptr token(raw);
  const auto& key = key_.bytes();
  const auto expiry = now_s + static_cast<std::uint64_t>(lifetime_.count());
  failed = failed != 0 ? failed : jwt_add_grant(raw, user_claim, claims.user.c_str());
  failed = failed != 0 ? failed : jwt_add_grant_int(raw, expiry_claim, static_cast<long>(expiry));
  failed = failed != 0 ? failed
                       : jwt_add_grant_int(raw, revision_claim, static_cast<long>(claims.revision));
  failed = failed != 0
               ? failed
               : jwt_set_alg(raw, algorithm_for(key), bytes_of(key), static_cast<int>(key.size()));
  const std::unique_ptr<char, decltype(&std::free)> text(
      failed == 0 ? jwt_encode_str(raw) : nullptr, &std::free);
  return text ? std::optional<std::string>(text.get()) : std::nullopt;
}

raft::expected<token_claims, token_fault> token_signer::read(const std::string& token,
                                                             std::uint64_t now_s) const {
  if (token.find('\0') != std::string::npos || !decode(token, {})) {
    return raft::unexpected(token_fault::invalid);
  }
  const auto read = decode(token, key_.bytes());
  // The algorithm is ours to choose and not the token's.
  if (!read || jwt_get_alg(read.get()) != algorithm_for(key_.bytes())) {
    return raft::unexpected(token_fault::bad_signature);
  }
  const char* user = jwt_get_grant(read.get(), user_claim);
  const long expiry = jwt_get_grant_int(read.get(), expiry_claim);
  const long revision = jwt_get_grant_int(read.get(), revision_claim);
  // What a token lacks is read as -1.
  if (user == nullptr || expiry < 0 || revision < 0) return raft::unexpected(token_fault::invalid);
  if (static_cast<std::uint64_t>(expiry) <= now_s) return raft::unexpected(token_fault::expired);
  return token_claims{user, static_cast<std::uint64_t>(revision)};
}

}  // namespace troupe::http

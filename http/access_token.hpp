// access_token: what a client shows instead of its password: a JSON Web Token (RFC 7519), signed
// with a key that all nodes share. Knows nothing of requests and of who may do what. nacos-spec
// C.9.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "raft/expected.hpp"

namespace troupe::http {

class token_key {
 public:
  /// The error says what is wrong with the text, which it does not repeat.
  static raft::expected<token_key, std::string> parse(std::string_view base64);

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  explicit token_key(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

struct token_claims {
  std::string user;
  /// Of the user's password (auth::user_record): a token made before it was set counts no longer.
  std::uint64_t revision = 0;
  friend bool operator==(const token_claims&, const token_claims&) = default;
};

enum class token_fault : std::uint8_t { invalid, bad_signature, expired };

/// As Nacos words it.
std::string_view text_of(token_fault fault);

/// Any thread.
class token_signer {
 public:
  /// The algorithm follows the length of the key: HS256 from 32 bytes, HS384 from 48, HS512 from
  /// 64.
  token_signer(token_key key, std::chrono::seconds lifetime)
      : key_(std::move(key)), lifetime_(lifetime) {}

  /// Nothing when the user's name is no UTF-8, which JSON cannot hold.
  [[nodiscard]] std::optional<std::string> sign(const token_claims& claims,
                                                std::uint64_t now_s) const;
  [[nodiscard]] raft::expected<token_claims, token_fault> read(const std::string& token,
                                                               std::uint64_t now_s) const;
  [[nodiscard]] std::chrono::seconds lifetime() const { return lifetime_; }

 private:
  token_key key_;
  std::chrono::seconds lifetime_;
};

}  // namespace troupe::http

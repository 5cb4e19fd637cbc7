#include "http/verified_passwords.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "codec/invariant.hpp"

namespace troupe::http {

verified_passwords::verified_passwords(std::chrono::milliseconds lifetime, std::size_t entries_max)
    : lifetime_(lifetime), entries_max_(entries_max) {
  if (RAND_bytes(secret_.data(), static_cast<int>(secret_.size())) != 1) {
    codec::broken_invariant("the system gives no random numbers");
  }
}

bool verified_passwords::contains(std::string_view user, std::string_view password,
                                  std::string_view hash, clock::time_point now) const {
  const auto key = digest(user, password, hash);
  const std::lock_guard lock(guard_);
  const auto found = until_.find(key);
  return found != until_.end() && now < found->second;
}

void verified_passwords::insert(std::string_view user, std::string_view password,
                                std::string_view hash, clock::time_point now) {
  auto key = digest(user, password, hash);
  const std::lock_guard lock(guard_);
  const auto [at, is_new] = until_.insert_or_assign(key, now + lifetime_);
  if (!is_new) return;
  oldest_first_.push_back(std::move(key));
  if (oldest_first_.size() <= entries_max_) return;
  until_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

std::string verified_passwords::digest(std::string_view user, std::string_view password,
                                       std::string_view hash) const {
  // Lengths first: no two triples give the same text.
  const auto text = std::to_string(user.size()) + ':' + std::to_string(password.size()) + ':' +
                    std::string(user).append(password).append(hash);
  std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), made.data(), &size);
  return {reinterpret_cast<const char*>(made.data()), size};
}

}  // namespace troupe::http

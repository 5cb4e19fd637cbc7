// verified_passwords: remembers for a short time which passwords were found right, so that clients
// that send theirs with each request cost one bcrypt a minute and not one a request. Knows nothing
// of requests. nacos-spec C.9.
//
// Holds no password: a digest keyed by a secret of this process stands for user, password and
// stored hash, so that a new password or a removed user ends it at once.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::http {

/// Any thread. Bound: `entries_max` entries; beyond it the oldest goes.
class verified_passwords {
 public:
  using clock = std::chrono::steady_clock;

  explicit verified_passwords(std::chrono::milliseconds lifetime = std::chrono::seconds(60),
                              std::size_t entries_max = 10'000);

  [[nodiscard]] bool contains(std::string_view user, std::string_view password,
                              std::string_view hash, clock::time_point now) const;
  void insert(std::string_view user, std::string_view password, std::string_view hash,
              clock::time_point now);

 private:
  [[nodiscard]] std::string digest(std::string_view user, std::string_view password,
                                   std::string_view hash) const;

  std::chrono::milliseconds lifetime_;
  std::size_t entries_max_;
  std::array<unsigned char, 32> secret_{};
  mutable std::mutex guard_;
  std::unordered_map<std::string, clock::time_point> until_;
  std::deque<std::string> oldest_first_;
};

}  // namespace troupe::http

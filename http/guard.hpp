// guard: stands before every handler: lets a request pass, or answers why not. The one place that
// decides about access. Knows nothing of what handlers do. nacos-spec C.3, C.9.
#pragma once

#include <functional>
#include <memory>

#include "http/access_rules.hpp"
#include "http/authenticator.hpp"
#include "http/exchange.hpp"

namespace troupe::http {

class guard {
 public:
  /// Must outlive every exchange that it was asked about. `now_ms` dates refusals.
  guard(std::shared_ptr<authenticator> who, std::function<std::uint64_t()> now_ms)
      : who_(std::move(who)), now_ms_(std::move(now_ms)) {}

  /// Calls `pass` at once or later on the connection's strand; or answers with a refusal.
  void admit(const exchange_ptr& call, std::function<void()> pass) const;

 private:
  struct asked;
  void judge(const asked& a, const authenticator::user_or_denial& who) const;
  [[nodiscard]] bool may(const std::string& user, const access_need& need, const request& r,
                         const parameters& form) const;
  [[nodiscard]] response refusal(const request& r, const denial& why) const;

  std::shared_ptr<authenticator> who_;
  std::function<std::uint64_t()> now_ms_;
};

}  // namespace troupe::http

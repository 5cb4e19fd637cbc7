// account_observer: told which users, roles and permissions have been committed, in the order of
// the log: how a node judges requests without asking a group. Knows nothing of who listens.
#pragma once

#include <string_view>

#include "processors/account_messages.hpp"

namespace troupe::processors::auth {

/// Called by one thread at a time, on a thread of the processor, which must not be held up. Texts
/// live until the call returns.
///
/// Whenever the state is opened, at the start and behind a snapshot, begin() says that all of it
/// follows, up to loaded(); what is not told again is gone.
class account_observer {
 public:
  account_observer() = default;
  account_observer(const account_observer&) = delete;
  account_observer& operator=(const account_observer&) = delete;
  virtual ~account_observer() = default;

  virtual void begin() = 0;
  virtual void user_put(std::string_view user, const user_record& r) = 0;
  virtual void user_erased(std::string_view user) = 0;
  virtual void role_bound(std::string_view user, std::string_view role) = 0;
  virtual void role_unbound(std::string_view user, std::string_view role) = 0;
  virtual void permission_put(const permission& p) = 0;
  virtual void permission_erased(const permission& p) = 0;
  virtual void loaded() = 0;
};

}  // namespace troupe::processors::auth

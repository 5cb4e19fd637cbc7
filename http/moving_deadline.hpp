// moving_deadline: a time limit that is set anew with every step of a connection and hardly ever
// met. Moving it later costs no more than a look at the clock: the timer behind it is left to
// expire, and then set to what the limit has become. Knows nothing of what is limited.
#pragma once

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <utility>

namespace troupe::http {

/// Used on `Executor`, a strand, alone. What it calls must keep it alive.
template <class Executor>
class moving_deadline {
 public:
  using clock = std::chrono::steady_clock;

  explicit moving_deadline(const Executor& on) : timer_(on) {}

  /// `expired` is called at the limit, unless that was moved; it takes the place of any before it.
  template <class Expired>
  void expires_after(std::chrono::milliseconds limit, Expired expired) {
    at_ = clock::now() + limit;
    if (at_ < wakes_) wake_at(at_, std::move(expired));
  }
  void expires_never() { at_ = clock::time_point::max(); }

  /// Lets go of what would have been called.
  void cancel() {
    expires_never();
    timer_.cancel();
  }

 private:
  template <class Expired>
  void wake_at(clock::time_point when, Expired expired) {
    wakes_ = when;
    timer_.expires_at(when);
    timer_.async_wait(
        [this, expired = std::move(expired)](boost::system::error_code cancelled) mutable {
          if (cancelled) return;
          wakes_ = clock::time_point::max();
          if (at_ == clock::time_point::max()) return;
          clock::now() < at_ ? wake_at(at_, std::move(expired)) : expired();
        });
  }

  boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>, Executor> timer_;
  clock::time_point at_ = clock::time_point::max();     ///< the limit
  clock::time_point wakes_ = clock::time_point::max();  ///< the timer, never later than the limit
};

}  // namespace troupe::http

#include "naming/periodic.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <utility>

namespace troupe::naming {

class periodic::timer : public std::enable_shared_from_this<timer> {
 public:
  timer(boost::asio::io_context& io, std::chrono::milliseconds interval, std::function<void()> call)
      : timer_(io), interval_(interval), call_(std::move(call)) {}

  void wait() {
    timer_.expires_after(interval_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
      if (!failure) self->fire();
    });
  }

  void stop() {
    // Taken while a call runs: whoever stops waits for it.
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    timer_.cancel();
  }

 private:
  void fire() {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    call_();
    wait();
  }

  std::mutex mutex_;
  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds interval_;
  const std::function<void()> call_;
  bool stopped_ = false;
};

periodic::periodic(boost::asio::io_context& io, std::chrono::milliseconds interval,
                   std::function<void()> call)
    : timer_(std::make_shared<timer>(io, interval, std::move(call))) {
  timer_->wait();
}

periodic::~periodic() {
  timer_->stop();
}

}  // namespace troupe::naming

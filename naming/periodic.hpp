// periodic: calls something every so often on an io_context, from the end of one call to the next.
// Knows nothing of what it calls.
//
// Holds nothing up: the call must not wait. Ends with its owner: no call begins after the
// destructor has returned.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace troupe::naming {

class periodic {
 public:
  /// The first call comes after one `interval`.
  periodic(boost::asio::io_context& io, std::chrono::milliseconds interval,
           std::function<void()> call);
  ~periodic();
  periodic(const periodic&) = delete;
  periodic& operator=(const periodic&) = delete;

 private:
  class timer;
  std::shared_ptr<timer> timer_;
};

}  // namespace troupe::naming

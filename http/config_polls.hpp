// config_polls: the long polls of one server: config_listeners with a timer and the changes that
// its table tells. Knows nothing of requests.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <memory>

#include "http/config_listeners.hpp"

namespace troupe::http {

/// The timer runs only while something hangs; a poll ends at most so long after its time.
constexpr std::chrono::milliseconds poll_tick{100};

class config_polls : public std::enable_shared_from_this<config_polls> {
 public:
  static std::shared_ptr<config_polls> open(boost::asio::io_context& io,
                                            const std::shared_ptr<config_table>& table,
                                            config_listener_limits limits);

  /// See config_listeners::hang.
  config_listeners::listener_id hang(const std::vector<config_belief>& beliefs, std::string address,
                                     std::chrono::milliseconds patience,
                                     config_listeners::answer done);

  [[nodiscard]] config_listeners& listeners() { return listeners_; }

 private:
  config_polls(boost::asio::io_context& io, std::shared_ptr<const config_table> table,
               config_listener_limits limits);

  void tick();

  config_listeners listeners_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  boost::asio::steady_timer timer_;
  bool ticking_ = false;  ///< on the strand
};

}  // namespace troupe::http

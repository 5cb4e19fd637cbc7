#include "http/config_polls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace troupe::http {

namespace asio = boost::asio;

config_polls::config_polls(asio::io_context& io, std::shared_ptr<const config_table> table,
                           config_listener_limits limits)
    : listeners_(std::move(table), limits), strand_(asio::make_strand(io)), timer_(strand_) {}

std::shared_ptr<config_polls> config_polls::open(asio::io_context& io,
                                                 const std::shared_ptr<config_table>& table,
                                                 config_listener_limits limits) {
  const std::shared_ptr<config_polls> polls(new config_polls(io, table, limits));
  // On the I/O threads: the processor must not be held up by those who wait for it.
  table->watch([weak = std::weak_ptr(polls)](config_table::changed_keys keys) {
    const auto held = weak.lock();
    if (!held) return;
    asio::post(held->strand_, [held, keys = std::move(keys)] { held->listeners_.changed(keys); });
  });
  return polls;
}

config_listeners::listener_id config_polls::hang(const std::vector<config_belief>& beliefs,
                                                 std::string address,
                                                 std::chrono::milliseconds patience,
                                                 config_listeners::answer done) {
  const auto id = listeners_.hang(beliefs, std::move(address), std::chrono::steady_clock::now(),
                                  patience, std::move(done));
  if (id != 0) {
    asio::post(strand_, [self = shared_from_this()] {
      if (!self->ticking_) self->tick();
    });
  }
  return id;
}

void config_polls::tick() {
  listeners_.expire(std::chrono::steady_clock::now());
  ticking_ = !listeners_.empty();
  if (!ticking_) return;
  timer_.expires_after(poll_tick);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code) { self->tick(); });
}

}  // namespace troupe::http

#include "actors/frame_connection.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "actors/io_scheduler.hpp"

namespace troupe::actors {
namespace {

constexpr std::size_t chunk_bytes = 256U << 10U;

std::string describe(const tcp_socket& socket) {
  boost::system::error_code ignored;
  const auto end = socket.remote_endpoint(ignored);
  if (ignored) return "?";
  return end.address().to_string() + ":" + std::to_string(end.port());
}

std::vector<boost::asio::const_buffer> buffers_of(const std::vector<std::string>& pieces) {
  std::vector<boost::asio::const_buffer> buffers;
  buffers.reserve(pieces.size());
  for (const auto& piece : pieces) buffers.emplace_back(boost::asio::buffer(piece));
  return buffers;
}

}  // namespace

frame_connection::frame_connection(tcp_socket socket, frame_limits limits)
    : socket_(std::move(socket)),
      silence_(socket_.get_executor()),
      limits_(limits),
      remote_(describe(socket_)),
      heard_(std::chrono::steady_clock::now()) {
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
}

void frame_connection::start(events on) {
  boost::asio::dispatch(socket_.get_executor(),
                        [self = shared_from_this(), on = std::move(on)]() mutable {
                          self->on_ = std::move(on);
                          self->watch_silence();
                          self->read_more();
                        });
}

void frame_connection::send(std::string frames) {
  boost::asio::post(socket_.get_executor(),
                    [self = shared_from_this(), frames = std::move(frames)]() mutable {
                      self->queue(std::move(frames));
                    });
}

void frame_connection::send_at_once(std::string frames) {
  boost::asio::dispatch(socket_.get_executor(),
                        [self = shared_from_this(), frames = std::move(frames)]() mutable {
                          self->queue(std::move(frames));
                        });
}

void frame_connection::send_soon() {
  // Not to the strand at once: it would be busy until then, and send_at_once() have to wait.
  boost::asio::post(socket_.get_executor().get_inner_executor(), [self = shared_from_this()] {
    boost::asio::dispatch(self->socket_.get_executor(), [self] {
      if (!self->is_writing()) self->tell_drained();  // else it is told once that is written
    });
  });
}

void frame_connection::close(std::string why) {
  boost::asio::post(socket_.get_executor(),
                    [self = shared_from_this(), why = std::move(why)] { self->finish(why); });
}

void frame_connection::set_limits(frame_limits limits) {
  limits_ = limits;
}

void frame_connection::read_more() {
  if (closed_) return;
  if (chunk_.empty()) chunk_.resize(chunk_bytes);
  socket_.async_read_some(
      boost::asio::buffer(chunk_),
      [self = shared_from_this()](boost::system::error_code failed, std::size_t n) {
        if (self->closed_) return;
        if (failed) return self->finish(failed.message());
        self->heard_ = std::chrono::steady_clock::now();
        self->incoming_.append({self->chunk_.data(), n});
        const bool goes_on = self->take_frames();
        // Actors may have had their turn meanwhile: what came since has yet to be read.
        self->heard_ = std::chrono::steady_clock::now();
        if (goes_on) self->read_more();
      });
}

bool frame_connection::take_frames() {
  const serves_woken actors;
  while (!closed_) {
    // An event may have raised the limits since the frame before.
    const auto next = incoming_.next(limits_.body_bytes_max);
    if (!next) {
      finish("bad frame: " + next.error().what);
      return false;
    }
    if (!*next) return true;
    on_.frame((*next)->kind, (*next)->body);
  }
  return false;
}

void frame_connection::queue(std::string frames) {
  if (closed_) return;
  {
    const std::lock_guard lock(write_guard_);
    queued_bytes_ += frames.size();
    queued_.push_back(std::move(frames));
  }
  if (queued_bytes_ > queued_bytes_max) return close("does not read what it is sent");
  write_queued();
}

void frame_connection::write_queued() {
  if (closed_) return;
  std::unique_lock lock(write_guard_);
  if (!writing_.empty() || queued_.empty()) return;
  writing_.swap(queued_);
  const auto bytes = std::exchange(queued_bytes_, 0);
  // Most often the kernel takes all of it: then there is nothing to wait for.
  boost::system::error_code failed;
  const auto taken = socket_.write_some(buffers_of(writing_), failed);
  lock.unlock();
  if (!failed && taken == bytes) return wrote();
  // An error comes again, and is heard of where nobody is in the middle of sending.
  write_rest(failed ? 0 : taken);
}

bool frame_connection::is_writing() {
  const std::lock_guard lock(write_guard_);
  return !writing_.empty();
}

void frame_connection::write_rest(std::size_t taken) {
  auto buffers = buffers_of(writing_);
  for (auto& b : buffers) {
    const auto skipped = std::min(taken, b.size());
    b += skipped;
    taken -= skipped;
  }
  boost::asio::async_write(
      socket_, buffers, [self = shared_from_this()](boost::system::error_code broken, std::size_t) {
        if (self->closed_) return;
        if (broken) return self->finish(broken.message());
        self->wrote();
      });
}

bool frame_connection::try_send(std::string_view frames) {
  const std::unique_lock lock(write_guard_, std::try_to_lock);
  if (!lock || closed_ || !writing_.empty() || !queued_.empty()) return false;
  boost::system::error_code failed;
  const auto taken = socket_.write_some(boost::asio::buffer(frames), failed);
  if (failed) return false;  // whoever waits for the socket hears of it, too
  if (taken == frames.size()) return true;
  writing_.emplace_back(frames.substr(taken));
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (!self->closed_) self->write_rest(0);
  });
  return true;
}

void frame_connection::wrote() {
  bool is_more = false;
  {
    const std::lock_guard lock(write_guard_);
    writing_.clear();
    is_more = !queued_.empty();
  }
  if (is_more) return write_queued();
  tell_drained();
}

void frame_connection::tell_drained() {
  // What is sent from within `drained` may be with the kernel at once: then it is called again.
  drained_again_ = true;
  if (std::exchange(telling_, true)) return;
  while (std::exchange(drained_again_, false)) {
    if (!closed_ && on_.drained) on_.drained();
  }
  telling_ = false;
}

std::chrono::steady_clock::time_point frame_connection::closes_at() const {
  const auto silent_at = heard_ + limits_.silence_max;
  return limits_.until ? std::min(silent_at, *limits_.until) : silent_at;
}

void frame_connection::watch_silence() {
  silence_.expires_at(closes_at());
  silence_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (cancelled || self->closed_) return;
    // Heard of meanwhile, or given other limits: the time to close has moved.
    if (std::chrono::steady_clock::now() < self->closes_at()) return self->watch_silence();
    self->finish("silent for too long");
  });
}

void frame_connection::finish(const std::string& why) {
  if (closed_) return;
  silence_.cancel();
  {
    const std::lock_guard lock(write_guard_);
    closed_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_both, ignored);
    socket_.close(ignored);
  }
  // The events may own us: let them go only after the last of them ran.
  const auto on = std::move(on_);
  on_ = {};
  if (on.closed) on.closed(why);
}

}  // namespace troupe::actors

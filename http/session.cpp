#include "http/session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "http/error_answer.hpp"
#include "http/moving_deadline.hpp"
#include "http/request_reader.hpp"
#include "http/response_head.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;

/// Room for the first bytes of a request: all that an idle connection holds.
constexpr std::size_t first_read_bytes = 1'024;
constexpr std::size_t read_bytes_max = 64U << 10U;
/// After the last answer the client may still be sending: closing at once would reset the
/// connection and could destroy the answer on its way (RFC 7230 §6.6).
constexpr std::chrono::seconds linger_time{5};

/// IPv4 as such also where the socket takes both.
std::string address_of(const tcp_socket& socket) {
  error_code failure;
  const auto address = socket.remote_endpoint(failure).address();
  if (failure) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

response internal_failure(std::string_view what) {
  return answer_of(500, "internal", what);
}

}  // namespace

class session final : public connection, public std::enable_shared_from_this<session> {
 public:
  session(tcp_socket socket, std::shared_ptr<serving> shared)
      : socket_(std::move(socket)), deadline_(socket_.get_executor()), shared_(std::move(shared)) {}
  ~session() override { shared_->removed(id_); }

  void start() {
    id_ = shared_->added(shared_from_this());
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    remote_ = address_of(socket_);
    on_strand([this] { await_request(); });
  }

  void close() override {
    on_strand([this] { finish(); });
  }

 private:
  class call;

  template <class Work>
  void on_strand(Work work) {
    asio::post(socket_.get_executor(),
               [self = shared_from_this(), work = std::move(work)]() mutable { work(); });
  }

  /// Binds a continuation to the life of the session; does nothing once it is closed.
  template <class Step>
  auto then(Step step) {
    return [self = shared_from_this(), step](error_code failure, std::size_t bytes) {
      if (!self->closed_) (self.get()->*step)(failure, bytes);
    };
  }

  void expires_after(std::chrono::milliseconds limit) {
    deadline_.expires_after(limit, [self = shared_from_this()] { self->finish(); });
  }

  // Idle → first bytes → header → body → handler → answer → idle.
  void await_request() {
    if (closed_) return;
    // The next request is there already. Not from within this one's answer: there may be many.
    if (buffer_.size() > 0) return on_strand([this] { read_on(); });
    if (buffer_.capacity() > first_read_bytes) buffer_.shrink_to_fit();
    expires_after(shared_->options.idle_timeout);
    read(first_read_bytes);
  }

  void read(std::size_t bytes_max) {
    socket_.async_read_some(buffer_.prepare(bytes_max), then(&session::received));
  }

  void received(error_code failure, std::size_t bytes) {
    if (failure) return finish();
    buffer_.commit(bytes);
    read_on();
  }

  void read_on() {
    if (closed_) return;
    if (!reader_) {
      const auto& o = shared_->options;
      reader_ = std::make_unique<request_reader>(o.header_bytes_max, o.body_bytes_max, remote_);
      expires_after(o.header_timeout);
    }
    if (reader_->is_header_done()) return read_body();
    if (const auto failure = parse()) return refuse(failure);
    if (reader_->is_done()) return dispatch();
    if (reader_->is_header_done()) return header_read();
    read(beast::read_size(buffer_, read_bytes_max));
  }

  /// What is wrong with the bytes that are there; to be incomplete is not.
  error_code parse() {
    error_code failure;
    buffer_.consume(reader_->put(buffer_.data(), failure));
    return failure == bhttp::error::need_more ? error_code() : failure;
  }

  void header_read() {
    expires_after(shared_->options.body_timeout);
    reader_->eager(true);
    const auto expected = reader_->request().header("Expect").value_or("");
    if (!equal_ignoring_case(expected, "100-continue")) return read_body();
    // The client waits for it before it sends the body.
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(go_on), then(&session::told_to_go_on));
  }

  void told_to_go_on(error_code failure, std::size_t) {
    if (failure) return finish();
    read_body();
  }

  void read_body() {
    if (buffer_.size() > 0) {
      if (const auto failure = parse()) return refuse(failure);
      if (reader_->is_done()) return dispatch();
    }
    const auto left = reader_->content_length_remaining().value_or(read_bytes_max);
    read(std::clamp<std::uint64_t>(left, first_read_bytes, read_bytes_max));
  }

  void refuse(error_code failure);
  void dispatch();
  void answer(response a);

  void answered(error_code failure, std::size_t) {
    out_head_ = std::string();
    out_body_ = std::string();
    if (failure) return finish();
    if (keep_alive_) return await_request();
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    expires_after(linger_time);
    drain({}, 0);
  }

  void drain(error_code failure, std::size_t) {
    if (failure) return finish();
    socket_.async_read_some(buffer_.prepare(first_read_bytes), then(&session::drain));
  }

  void finish() {
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
    hung_up();
  }

  /// Readable without a byte to read is the end of the connection.
  void watch(std::function<void()> gone) {
    gone_ = std::move(gone);
    if (closed_) return hung_up();
    socket_.async_wait(asio::ip::tcp::socket::wait_read,
                       [self = shared_from_this(), call = calls_](error_code) {
                         error_code failure;
                         const bool has_more = self->socket_.available(failure) > 0;
                         if (self->calls_ == call && (failure || !has_more)) self->hung_up();
                       });
  }

  void hung_up() {
    if (const auto gone = std::exchange(gone_, nullptr)) gone();
  }

  tcp_socket socket_;
  moving_deadline<tcp_socket::executor_type> deadline_;
  std::shared_ptr<serving> shared_;
  std::uint64_t id_ = 0;
  beast::flat_buffer buffer_;
  std::unique_ptr<request_reader> reader_;  ///< from the first bytes of a request to its last
  std::string out_head_;                    ///< of the answer that is being written
  std::string out_body_;
  bool keep_alive_ = true;
  bool is_head_ = false;
  unsigned version_ = 11;
  bool closed_ = false;
  std::string remote_;
  std::uint64_t calls_ = 0;     ///< answered so far
  std::function<void()> gone_;  ///< of the call in work
};

class session::call final : public exchange, public std::enable_shared_from_this<call> {
 public:
  call(std::shared_ptr<session> owner, std::unique_ptr<const request_reader> asked)
      : session_(std::move(owner)), asked_(std::move(asked)) {}
  ~call() override {
    if (!answered_) send(internal_failure("the request was dropped without an answer"));
  }

  [[nodiscard]] const http::request& request() const override { return asked_->request(); }

  void respond(response answer) override {
    if (!answered_.exchange(true)) send(std::move(answer));
  }

  void post(std::function<void()> work) override {
    asio::post(session_->socket_.get_executor(),
               [self = shared_from_this(), work = std::move(work)] { self->guard(work); });
  }

  void on_disconnect(std::function<void()> gone) override { session_->watch(std::move(gone)); }

  /// Exceptions do not cross a folder, and one request must not end the I/O thread.
  template <class Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (const std::exception& e) {
      respond(internal_failure(e.what()));
    }
  }

 private:
  void send(response answer) {
    auto* s = session_.get();
    if (s->socket_.get_executor().running_in_this_thread()) return s->answer(std::move(answer));
    s->on_strand([s, answer = std::move(answer)]() mutable { s->answer(std::move(answer)); });
  }

  std::shared_ptr<session> session_;
  std::unique_ptr<const request_reader> asked_;
  std::atomic<bool> answered_{false};
};

void session::refuse(error_code failure) {
  keep_alive_ = false;
  is_head_ = false;
  if (failure == bhttp::error::header_limit) {
    answer(answer_of(431, "too_large",
                     "request line and header have more than " +
                         std::to_string(shared_->options.header_bytes_max) + " bytes"));
  } else if (failure == bhttp::error::body_limit) {
    answer(answer_of(
        {troupe::error_code::too_large,
         "the body has more than " + std::to_string(shared_->options.body_bytes_max) + " bytes",
         {}}));
  } else if (failure.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
             failure != bhttp::error::end_of_stream && failure != bhttp::error::partial_message) {
    answer(invalid_argument("the request is not HTTP: " + failure.message()));
  } else {
    finish();  // closed by the client, or too slow
  }
}

void session::dispatch() {
  deadline_.expires_never();  // the handler has time limits of its own
  keep_alive_ = reader_->keep_alive();
  is_head_ = reader_->request().method == "HEAD";
  version_ = reader_->version();
  const auto c = std::make_shared<call>(shared_from_this(), std::move(reader_));
  c->guard([this, &c] { shared_->routes.route(c); });
}

void session::answer(response a) {
  ++calls_;
  gone_ = nullptr;
  if (closed_) return;
  out_head_ = response_head(a, {version_, keep_alive_});
  // RFC 7230 §3.3: neither has a body, whatever length is told.
  out_body_ = is_head_ || a.status == 304 ? std::string() : std::move(a.body);
  const std::array<asio::const_buffer, 2> out{asio::buffer(std::as_const(out_head_)),
                                              asio::buffer(std::as_const(out_body_))};
  beast::buffers_suffix left(out);
  error_code failure;
  left.consume(socket_.write_some(out, failure));
  if (failure && failure != asio::error::would_block) return finish();
  if (asio::buffer_size(left) == 0) return answered({}, 0);
  expires_after(shared_->options.write_timeout);
  asio::async_write(socket_, left, then(&session::answered));
}

std::uint64_t serving::added(const std::shared_ptr<connection>& c) {
  const std::lock_guard lock(mutex_);
  ++count_;
  open_.emplace(next_id_, c);
  return next_id_++;
}

void serving::removed(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  count_ -= open_.erase(id);
}

void serving::close_all() {
  std::vector<std::shared_ptr<connection>> doomed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, c] : open_) {
      if (auto held = c.lock()) doomed.push_back(std::move(held));
    }
  }
  for (const auto& c : doomed) c->close();
}

void serve(tcp_socket socket, const std::shared_ptr<serving>& shared) {
  std::make_shared<session>(std::move(socket), shared)->start();
}

}  // namespace troupe::http

#include "http/session.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "http/error_answer.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using message = bhttp::request<bhttp::string_body>;

/// Room for the first bytes of a request: all that an idle connection holds.
constexpr std::size_t first_read_bytes = 1'024;
/// After the last answer the client may still be sending: closing at once would reset the
/// connection and could destroy the answer on its way (RFC 7230 §6.6).
constexpr std::chrono::seconds linger_time{5};

std::string_view view_of(boost::string_view s) {
  return {s.data(), s.size()};
}

/// "http://host/path" (RFC 7230 §5.3.2) is the same as "/path".
std::string_view origin_form(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  if (target.substr(0, scheme.size()) != scheme) return target;
  const auto slash = target.find('/', scheme.size());
  return slash == std::string_view::npos ? "/" : target.substr(slash);
}

/// IPv4 as such also where the socket takes both.
std::string address_of(const asio::ip::tcp::socket& socket) {
  error_code failure;
  const auto address = socket.remote_endpoint(failure).address();
  if (failure) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

request describe(const message& m, std::string_view remote) {
  request r;
  r.remote = remote;
  r.method = view_of(m.method_string());
  const auto target = origin_form(view_of(m.target()));
  const auto question = target.find('?');
  r.path = target.substr(0, question);
  if (question != std::string_view::npos) r.query = target.substr(question + 1);
  for (const auto& field : m) {
    r.headers.emplace_back(view_of(field.name_string()), view_of(field.value()));
  }
  r.body = m.body();
  return r;
}

response internal_failure(std::string_view what) {
  return answer_of(500, "internal", what);
}

}  // namespace

class session final : public connection, public std::enable_shared_from_this<session> {
 public:
  session(asio::ip::tcp::socket socket, std::shared_ptr<serving> shared)
      : stream_(std::move(socket)), shared_(std::move(shared)) {}
  ~session() override { shared_->removed(id_); }

  void start() {
    id_ = shared_->added(shared_from_this());
    error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    remote_ = address_of(stream_.socket());
    on_strand([this] { await_request(); });
  }

  void close() override {
    on_strand([this] { finish(); });
  }

 private:
  class call;

  template <class Work>
  void on_strand(Work work) {
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), work = std::move(work)]() mutable { work(); });
  }

  /// Binds a continuation to the life of the session; does nothing once it is closed.
  template <class Step>
  auto then(Step step) {
    return [self = shared_from_this(), step](error_code failure, std::size_t bytes) {
      if (!self->closed_) (self.get()->*step)(failure, bytes);
    };
  }

  // Idle → first byte → header → body → handler → answer → idle.
  void await_request() {
    if (closed_) return;
    parser_.emplace();
    parser_->header_limit(shared_->options.header_bytes_max);
    parser_->body_limit(shared_->options.body_bytes_max);
    if (buffer_.size() > 0) return read_header();
    buffer_.shrink_to_fit();
    stream_.expires_after(shared_->options.idle_timeout);
    stream_.async_read_some(buffer_.prepare(first_read_bytes), then(&session::first_bytes));
  }

  void first_bytes(error_code failure, std::size_t bytes) {
    if (failure) return finish();
    buffer_.commit(bytes);
    read_header();
  }

  void read_header() {
    stream_.expires_after(shared_->options.header_timeout);
    bhttp::async_read_header(stream_, buffer_, *parser_, then(&session::header_read));
  }

  void header_read(error_code failure, std::size_t) {
    if (failure) return refuse(failure);
    if (parser_->is_done()) return dispatch();
    stream_.expires_after(shared_->options.body_timeout);
    if (!beast::iequals(parser_->get()[bhttp::field::expect], "100-continue")) return read_body();
    // The client waits for it before it sends the body.
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(go_on), then(&session::told_to_go_on));
  }

  void told_to_go_on(error_code failure, std::size_t) {
    if (failure) return finish();
    read_body();
  }

  void read_body() { bhttp::async_read(stream_, buffer_, *parser_, then(&session::body_read)); }

  void body_read(error_code failure, std::size_t) {
    if (failure) return refuse(failure);
    dispatch();
  }

  void refuse(error_code failure);
  void dispatch();
  void answer(response a);

  void answered(error_code failure, std::size_t) {
    out_.reset();
    if (failure) return finish();
    if (keep_alive_) return await_request();
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    stream_.expires_after(linger_time);
    drain({}, 0);
  }

  void drain(error_code failure, std::size_t) {
    if (failure) return finish();
    stream_.async_read_some(buffer_.prepare(first_read_bytes), then(&session::drain));
  }

  void finish() {
    closed_ = true;
    stream_.close();
    hung_up();
  }

  /// Readable without a byte to read is the end of the connection.
  void watch(std::function<void()> gone) {
    gone_ = std::move(gone);
    if (closed_) return hung_up();
    stream_.socket().async_wait(
        asio::ip::tcp::socket::wait_read, [self = shared_from_this(), call = calls_](error_code) {
          error_code failure;
          const bool has_more = self->stream_.socket().available(failure) > 0;
          if (self->calls_ == call && (failure || !has_more)) self->hung_up();
        });
  }

  void hung_up() {
    if (const auto gone = std::exchange(gone_, nullptr)) gone();
  }

  beast::tcp_stream stream_;
  std::shared_ptr<serving> shared_;
  std::uint64_t id_ = 0;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  std::optional<bhttp::response<bhttp::string_body>> out_;
  bool keep_alive_ = true;
  bool head_ = false;
  unsigned version_ = 11;
  bool closed_ = false;
  std::string remote_;
  std::uint64_t calls_ = 0;     ///< answered so far
  std::function<void()> gone_;  ///< of the call in work
};

class session::call final : public exchange, public std::enable_shared_from_this<call> {
 public:
  call(std::shared_ptr<session> owner, message m)
      : session_(std::move(owner)),
        message_(std::move(m)),
        request_(describe(message_, session_->remote_)) {}
  ~call() override {
    if (!answered_) send(internal_failure("the request was dropped without an answer"));
  }

  [[nodiscard]] const http::request& request() const override { return request_; }

  void respond(response answer) override {
    if (!answered_.exchange(true)) send(std::move(answer));
  }

  void post(std::function<void()> work) override {
    session_->on_strand([self = shared_from_this(), work = std::move(work)] { self->guard(work); });
  }

  void on_disconnect(std::function<void()> gone) override { session_->watch(std::move(gone)); }

  /// Exceptions do not cross a folder, and one request must not end the I/O thread.
  void guard(const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& e) {
      respond(internal_failure(e.what()));
    }
  }

 private:
  void send(response answer) {
    auto* s = session_.get();
    s->on_strand([s, answer = std::move(answer)]() mutable { s->answer(std::move(answer)); });
  }

  std::shared_ptr<session> session_;
  const message message_;
  const http::request request_;
  std::atomic<bool> answered_{false};
};

void session::refuse(error_code failure) {
  keep_alive_ = false;
  head_ = false;
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
  stream_.expires_never();  // the handler has time limits of its own
  keep_alive_ = parser_->keep_alive();
  auto m = parser_->release();
  head_ = m.method() == bhttp::verb::head;
  version_ = m.version();
  const auto c = std::make_shared<call>(shared_from_this(), std::move(m));
  c->guard([this, &c] { shared_->routes.route(c); });
}

void session::answer(response a) {
  ++calls_;
  gone_ = nullptr;
  if (closed_) return;
  out_.emplace(static_cast<bhttp::status>(a.status), version_);
  out_->set(bhttp::field::server, "troupe");
  if (!a.content_type.empty()) out_->set(bhttp::field::content_type, a.content_type);
  for (const auto& [name, value] : a.headers) out_->set(name, value);
  out_->keep_alive(keep_alive_);
  if (a.status != 304) {
    // RFC 7230 §3.3.2: HEAD tells the length of the body that GET would have.
    out_->content_length(a.body.size());
    if (!head_) out_->body() = std::move(a.body);
  }
  stream_.expires_after(shared_->options.write_timeout);
  bhttp::async_write(stream_, *out_, then(&session::answered));
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

void serve(asio::ip::tcp::socket socket, const std::shared_ptr<serving>& shared) {
  std::make_shared<session>(std::move(socket), shared)->start();
}

}  // namespace troupe::http

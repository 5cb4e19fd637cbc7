#include "bench/http_load.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "bench/arrivals.hpp"
#include "bench/http_answer_reader.hpp"
#include "bench/load_recorder.hpp"
#include "bench/load_watch.hpp"
#include "bench/operation.hpp"

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds pause_after_failure{100};
/// Between looks at what is due: a timer for each request would cost more than the request.
constexpr std::chrono::microseconds between_looks{100};
constexpr std::chrono::milliseconds between_looks_at_overdue{100};
/// Room for an answer to a write; one to a read may take several reads.
constexpr std::size_t read_bytes = 4'096;

tcp::resolver::results_type resolve(asio::io_context& io, const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  error_code failed;
  tcp::resolver resolver(io);
  auto found = resolver.resolve(endpoint.substr(0, colon), endpoint.substr(colon + 1), failed);
  return failed ? tcp::resolver::results_type{} : found;
}

class caller;

/// Gives callers that have nothing under way their next request: at once in a closed loop, when one
/// is due in an open one.
class turns {
 public:
  turns(asio::io_context& io, const load_options& options, load_recorder& recorder,
        clock::time_point begin)
      : recorder_(recorder), look_(io) {
    if (options.rate > 0) arrivals_.emplace(options.rate, begin);
  }

  void wait(caller& next);

  [[nodiscard]] std::uint64_t unsent() const {
    return arrivals_ ? arrivals_->untaken(recorder_.from(), recorder_.until()) : 0;
  }

 private:
  /// Goes on by itself while somebody waits.
  void look();

  load_recorder& recorder_;
  asio::steady_timer look_;
  std::optional<arrivals> arrivals_;
  std::deque<caller*> waiting_;
  bool is_looking_ = false;
};

struct shared_load {
  shared_load(asio::io_context& io, const load_options& o, clock::time_point begin)
      : options(o),
        value(sample_value(o.value_bytes)),
        recorder(o, begin),
        turn(io, o, recorder, begin) {}

  const load_options& options;
  const std::string value;
  load_recorder recorder;
  turns turn;
};

/// One caller with its connection. Outlives the io_context's run().
///
/// Made to cost little beside the servers that share the machine: a request leaves in one system
/// call, its answer is not stored, nothing is allocated and no timer set for either (see overdue).
class caller {
 public:
  caller(asio::io_context& io, shared_load& load, const std::string& endpoint, std::uint64_t seed)
      : socket_(io.get_executor()),
        pause_(io),
        load_(load),
        after_get_(" HTTP/1.1\r\nHost: " + endpoint + "\r\n\r\n"),
        after_put_(" HTTP/1.1\r\nHost: " + endpoint +
                   "\r\nContent-Length: " + std::to_string(load.value.size()) + "\r\n\r\n"),
        at_(resolve(io, endpoint)),
        source_(load.options, seed) {}

  void connect() {
    if (load_.recorder.is_over()) return;
    expires_ = clock::now() + load_.options.request_timeout;
    asio::async_connect(socket_, at_, [this](error_code ec, const auto&) {
      if (!ec) socket_.set_option(tcp::no_delay(true), ec);
      if (!ec) socket_.non_blocking(true, ec);
      ec ? start_again("connect", ec) : await_turn();
    });
  }

  void request_next(clock::time_point began) {
    began_ = began;
    expires_ = clock::now() + load_.options.request_timeout;
    const auto next = source_.next();
    is_read_ = next.is_read;
    header_.assign(is_read_ ? "GET /kv/v1/" : "PUT /kv/v1/").append(next.key);
    if (is_read_ && load_.options.local_reads) header_.append("?consistency=local");
    header_.append(is_read_ ? after_get_ : after_put_);
    send();
  }

  [[nodiscard]] bool is_under_way() const { return expires_ != clock::time_point::max(); }

  /// What is under way then fails.
  void give_up_if_overdue(clock::time_point now) {
    if (now < expires_) return;
    is_overdue_ = true;
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  using socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

  void await_turn() {
    expires_ = clock::time_point::max();
    load_.turn.wait(*this);
  }

  /// A connection with nothing under way takes a request at once, unless it is a long one.
  void send() {
    const std::array<asio::const_buffer, 2> request{
        asio::buffer(std::as_const(header_)),
        asio::buffer(is_read_ ? std::string_view() : load_.value)};
    boost::beast::buffers_suffix left(request);
    error_code ec;
    left.consume(socket_.write_some(request, ec));
    if (ec && ec != asio::error::would_block) return start_again("write", ec);
    if (asio::buffer_size(left) == 0) return read_answer();
    asio::async_write(socket_, left, [this](error_code failed, std::size_t) {
      failed ? start_again("write", failed) : read_answer();
    });
  }

  void read_answer() {
    answer_.emplace();
    read_more();
  }

  void read_more() {
    socket_.async_read_some(buffer_.prepare(read_bytes), [this](error_code ec, std::size_t bytes) {
      ec ? start_again("read", ec) : received(bytes);
    });
  }

  void received(std::size_t bytes) {
    buffer_.commit(bytes);
    error_code ec;
    buffer_.consume(answer_->put(buffer_.data(), ec));
    if (ec && ec != http::error::need_more) return start_again("read", ec);
    answer_->is_done() ? answered() : read_more();
  }

  void answered() {
    const bool is_absent = is_read_ && answer_->status() == 404;
    const auto now = clock::now();
    if (answer_->status() == 200 || is_absent) {
      load_.recorder.succeeded(is_read_, began_, now);
    } else {
      load_.recorder.failed("http " + std::to_string(answer_->status()), now);
    }
    if (!answer_->keep_alive()) return start_again("closed by the server");
    await_turn();
  }

  void start_again(const std::string& doing, error_code ec) {
    start_again(doing + ": " + (is_overdue_ ? "timed out" : ec.message()));
  }

  void start_again(const std::string& why) {
    load_.recorder.failed(why, clock::now());
    expires_ = clock::time_point::max();
    is_overdue_ = false;
    error_code ignored;
    socket_.close(ignored);
    buffer_.clear();
    pause_.expires_after(pause_after_failure);
    pause_.async_wait([this](error_code) { connect(); });
  }

  socket socket_;
  asio::steady_timer pause_;
  shared_load& load_;
  const std::string after_get_;  ///< the rest of a request, behind its target
  const std::string after_put_;
  const tcp::resolver::results_type at_;
  operation_source source_;
  std::string header_;
  bool is_read_ = false;
  clock::time_point began_;
  clock::time_point expires_ = clock::time_point::max();  ///< of what is under way
  bool is_overdue_ = false;
  boost::beast::flat_buffer buffer_;
  std::optional<http_answer_reader> answer_;
};

void turns::wait(caller& next) {
  if (recorder_.is_over()) return;
  if (!arrivals_) return next.request_next(clock::now());
  waiting_.push_back(&next);
  if (!is_looking_) look();
}

void turns::look() {
  const auto now = clock::now();
  if (recorder_.is_over()) waiting_.clear();
  while (!waiting_.empty() && arrivals_->is_due(now)) {
    const auto due = arrivals_->take();
    recorder_.began(due, now);
    auto* next = waiting_.front();
    waiting_.pop_front();
    next->request_next(due);
  }
  is_looking_ = !waiting_.empty();
  if (!is_looking_) return;
  look_.expires_at(std::max(arrivals_->next(), now + between_looks));
  look_.async_wait([this](error_code) { look(); });
}

/// Looks from time to time whether a request has had its time: one timer for all callers. Ends when
/// the load is over and nobody has anything under way.
class overdue {
 public:
  overdue(asio::io_context& io, const load_recorder& recorder, std::deque<caller>& callers)
      : look_(io), recorder_(recorder), callers_(callers) {}

  void look() {
    const auto now = clock::now();
    for (auto& c : callers_) c.give_up_if_overdue(now);
    const bool waits = std::any_of(callers_.begin(), callers_.end(),
                                   [](const auto& c) { return c.is_under_way(); });
    if (!waits && recorder_.is_over()) return;
    look_.expires_at(now + between_looks_at_overdue);
    look_.async_wait([this](error_code) { look(); });
  }

 private:
  asio::steady_timer look_;
  const load_recorder& recorder_;
  std::deque<caller>& callers_;
};

/// The role that the node at `endpoint` has in the group; empty when it does not say.
std::string role_at(const std::string& endpoint, const std::string& group) {
  asio::io_context io;
  error_code failed;
  tcp::socket socket(io);
  asio::connect(socket, resolve(io, endpoint), failed);
  http::request<http::empty_body> ask(http::verb::get, "/admin/v1/groups/" + group, 11);
  ask.set(http::field::host, endpoint);
  http::response<http::string_body> answer;
  boost::beast::flat_buffer buffer;
  if (!failed) http::write(socket, ask, failed);
  if (!failed) http::read(socket, buffer, answer, failed);
  if (failed) return {};
  const auto said = nlohmann::json::parse(answer.body(), nullptr, false);
  return said.is_object() ? said.value("role", "") : "";
}

std::vector<std::string> targets(const load_options& options) {
  if (!options.leader_only) return options.endpoints;
  std::vector<std::string> leading;
  for (const auto& endpoint : options.endpoints) {
    if (role_at(endpoint, options.group) == "leader") leading.push_back(endpoint);
  }
  return leading;
}

}  // namespace

raft::expected<load_result, std::string> load_http(const load_options& options) {
  const auto endpoints = targets(options);
  if (endpoints.empty()) {
    return raft::unexpected("no endpoint says that it leads group '" + options.group + "'");
  }
  asio::io_context io(1);
  const auto begin = clock::now();
  shared_load load(io, options, begin);
  std::deque<caller> callers;
  {
    load_watch watch(options, load.recorder);
    for (std::size_t i = 0; i < options.clients; ++i) {
      callers.emplace_back(io, load, endpoints[i % endpoints.size()], i + 1).connect();
    }
    overdue watch_time(io, load.recorder, callers);
    watch_time.look();
    io.run();
  }
  load.recorder.unsent(load.turn.unsent());
  return load.recorder.take();
}

}  // namespace troupe::bench

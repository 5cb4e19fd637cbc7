#include "http/server_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <memory>

namespace troupe::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// Resolve → connect → write → read → done. Lives in the handlers that it waits for.
class exchange_with_server : public std::enable_shared_from_this<exchange_with_server> {
 public:
  exchange_with_server(asio::io_context& io, outgoing_request request,
                       std::chrono::milliseconds patience,
                       std::function<void(incoming_answer)> done)
      : resolver_(asio::make_strand(io)),
        stream_(resolver_.get_executor()),
        patience_(patience),
        done_(std::move(done)) {
    const auto colon = request.address.rfind(':');
    host_ = request.address.substr(0, colon);
    port_ = colon == std::string::npos ? "80" : request.address.substr(colon + 1);
    if (host_.size() > 2 && host_.front() == '[') host_ = host_.substr(1, host_.size() - 2);
    message_.method(bhttp::verb::post);
    message_.version(11);
    message_.target(request.target);
    message_.set(bhttp::field::host, request.address);
    message_.set(bhttp::field::content_type, "application/json");
    message_.set(bhttp::field::connection, "close");
    for (const auto& [name, value] : request.headers) message_.set(name, value);
    message_.body() = std::move(request.body);
    message_.prepare_payload();
    parser_.body_limit(answer_bytes_max);
  }

 private:
  template <class... Arguments>
  auto then(void (exchange_with_server::*step)(error_code, Arguments...)) {
    return [self = shared_from_this(), step](error_code failure, Arguments... with) {
      if (failure) return self->finish(failure);
      (self.get()->*step)(failure, with...);
    };
  }

  void resolved(error_code, tcp::resolver::results_type found) {
    stream_.async_connect(found, then(&exchange_with_server::connected));
  }
  void connected(error_code, tcp::endpoint) {
    bhttp::async_write(stream_, message_, then(&exchange_with_server::written));
  }
  void written(error_code, std::size_t) {
    bhttp::async_read(stream_, buffer_, parser_, then(&exchange_with_server::read));
  }
  void read(error_code failure, std::size_t) { finish(failure); }

  void finish(error_code failure) {
    incoming_answer a;
    if (!failure) {
      a.what = incoming_answer::outcome::answered;
      a.status = parser_.get().result_int();
      a.body = std::move(parser_.get().body());
    } else if (failure == asio::error::connection_refused) {
      a.what = incoming_answer::outcome::refused;
    }
    stream_.close();
    done_(std::move(a));
  }

 public:
  void start() {
    stream_.expires_after(patience_);
    resolver_.async_resolve(host_, port_, then(&exchange_with_server::resolved));
  }

 private:
  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  std::chrono::milliseconds patience_;
  std::function<void(incoming_answer)> done_;
  std::string host_;
  std::string port_;
  bhttp::request<bhttp::string_body> message_;
  beast::flat_buffer buffer_;
  bhttp::response_parser<bhttp::string_body> parser_;
};

}  // namespace

void post_json(asio::io_context& io, outgoing_request request, std::chrono::milliseconds patience,
               std::function<void(incoming_answer)> done) {
  std::make_shared<exchange_with_server>(io, std::move(request), patience, std::move(done))
      ->start();
}

}  // namespace troupe::http

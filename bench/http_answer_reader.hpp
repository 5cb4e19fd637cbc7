// http_answer_reader: reads one HTTP answer as its bytes arrive and keeps of it what a load has to
// know: the status, and whether the connection lives on. Fields and body are checked and forgotten:
// storing them would cost the load generator more than sending the request. Knows nothing of
// sockets.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

namespace troupe::bench {

class http_answer_reader final : public boost::beast::http::basic_parser<false> {
 public:
  http_answer_reader() { eager(true); }

  /// As sent. Once the header is there.
  [[nodiscard]] unsigned status() const { return status_; }

 private:
  using text = boost::beast::string_view;
  using failure = boost::beast::error_code;
  using length = boost::optional<std::uint64_t>;

  void on_request_impl(boost::beast::http::verb, text, text, int, failure&) override {}
  void on_response_impl(int code, text, int, failure&) override {
    status_ = static_cast<unsigned>(code);
  }
  void on_field_impl(boost::beast::http::field, text, text, failure&) override {}
  void on_header_impl(failure&) override {}
  void on_body_init_impl(const length&, failure&) override {}
  std::size_t on_body_impl(text body, failure&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, text, failure&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text body, failure&) override {
    return body.size();
  }
  void on_finish_impl(failure&) override {}

  unsigned status_ = 0;
};

}  // namespace troupe::bench

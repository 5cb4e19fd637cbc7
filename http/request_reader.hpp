// request_reader: the bytes of one HTTP request, in whatever pieces they come, to what handlers see
// of it. Beast's parser decides what is HTTP; what it finds is copied once, and not into a message
// of Beast's that would have to be looked through again. Knows nothing of sockets.
//
// Holds at most header_bytes_max and body_bytes_max: beyond them put() fails with header_limit or
// body_limit.
#pragma once

#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace troupe::http {

class request_reader final : public boost::beast::http::basic_parser<true> {
 public:
  /// `remote` must outlive the reader.
  request_reader(std::uint32_t header_bytes_max, std::uint64_t body_bytes_max,
                 std::string_view remote);

  /// Whole once the parser is done; without its body once the header is.
  [[nodiscard]] const http::request& request() const { return request_; }
  [[nodiscard]] unsigned version() const { return version_; }  ///< 10 or 11

 private:
  using text = boost::beast::string_view;
  using failure = boost::beast::error_code;
  using length = boost::optional<std::uint64_t>;

  void on_request_impl(boost::beast::http::verb, text method, text target, int version,
                       failure&) override;
  void on_response_impl(int, text, int, failure&) override {}
  void on_field_impl(boost::beast::http::field, text name, text value, failure&) override;
  void on_header_impl(failure&) override {}
  void on_body_init_impl(const length& announced, failure&) override;
  std::size_t on_body_impl(text piece, failure&) override;
  void on_chunk_header_impl(std::uint64_t, text, failure&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text piece, failure&) override;
  void on_finish_impl(failure&) override { request_.body = body_; }

  std::string_view kept(text found);

  http::request request_;
  unsigned version_ = 11;
  std::string body_;
  /// Most headers fit; what does not is allocated in larger and larger pieces.
  std::array<std::byte, 512> first_;
  std::pmr::monotonic_buffer_resource header_{first_.data(), first_.size()};
};

}  // namespace troupe::http

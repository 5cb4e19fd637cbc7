#include "http/request_reader.hpp"

#include <algorithm>

namespace troupe::http {

namespace {

/// Fields that a request of a browser or of a client library has, about.
constexpr std::size_t usual_headers = 8;

/// "http://host/path" (RFC 7230 §5.3.2) is the same as "/path".
std::string_view origin_form(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  if (target.substr(0, scheme.size()) != scheme) return target;
  const auto slash = target.find('/', scheme.size());
  return slash == std::string_view::npos ? "/" : target.substr(slash);
}

}  // namespace

request_reader::request_reader(std::uint32_t header_bytes_max, std::uint64_t body_bytes_max,
                               std::string_view remote) {
  header_limit(header_bytes_max);
  body_limit(body_bytes_max);
  request_.remote = remote;
}

std::string_view request_reader::kept(text found) {
  auto* to = static_cast<char*>(header_.allocate(found.size(), 1));
  std::copy(found.begin(), found.end(), to);
  return {to, found.size()};
}

void request_reader::on_request_impl(boost::beast::http::verb, text method, text target,
                                     int version, failure&) {
  version_ = static_cast<unsigned>(version);
  request_.method = kept(method);
  const auto wanted = origin_form(kept(target));
  const auto question = wanted.find('?');
  request_.path = wanted.substr(0, question);
  if (question != std::string_view::npos) request_.query = wanted.substr(question + 1);
  request_.headers.reserve(usual_headers);
}

void request_reader::on_field_impl(boost::beast::http::field, text name, text value, failure&) {
  request_.headers.emplace_back(kept(name), kept(value));
}

void request_reader::on_body_init_impl(const length& announced, failure&) {
  if (announced) body_.reserve(static_cast<std::size_t>(*announced));
}

std::size_t request_reader::on_body_impl(text piece, failure&) {
  body_.append(piece.data(), piece.size());
  return piece.size();
}

std::size_t request_reader::on_chunk_body_impl(std::uint64_t, text piece, failure&) {
  body_.append(piece.data(), piece.size());
  return piece.size();
}

}  // namespace troupe::http

#include <algorithm>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <utility>

#include "naming/connection_probe.hpp"

namespace troupe::naming {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::uint32_t head_bytes_max = 64U << 10U;
constexpr int http_1_1 = 11;

using request = beast::http::request<beast::http::empty_body>;

request request_of(const probe_target& t) {
  const bool is_v6 = t.host.find(':') != std::string::npos;
  request r(beast::http::verb::get, request_path(t.checker.path), http_1_1);
  r.set(beast::http::field::host,
        (is_v6 ? '[' + t.host + ']' : t.host) + ':' + std::to_string(t.port));
  r.set(beast::http::field::user_agent, "troupe-health-check");
  r.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : parse_header_list(t.checker.headers)) r.set(name, value);
  return r;
}

class http_probe final : public connection_probe {
 public:
  http_probe(asio::io_context& io, const probe_target& target, const probe_limits& limits,
             probe_done done)
      : connection_probe(io, limits, std::move(done)),
        expected_(target.checker.expected_code),
        request_(request_of(target)) {
    answer_.header_limit(head_bytes_max);
  }

 private:
  [[nodiscard]] std::shared_ptr<http_probe> self() {
    return std::static_pointer_cast<http_probe>(shared_from_this());
  }

  void connected() override {
    stream().expires_after(limits().answer);
    beast::http::async_write(stream(), request_,
                             [me = self()](const error_code& failed, std::size_t) {
                               if (failed) return me->fail(failed);
                               me->read();
                             });
  }

  void read() {
    beast::http::async_read_header(
        stream(), buffer_, answer_, [me = self()](const error_code& failed, std::size_t) {
          if (failed) return me->fail(failed);
          me->finish(outcome_of_status(me->answer_.get().result_int(), me->expected_));
        });
  }

  void fail(const error_code& failed) {
    if (failed == beast::http::error::end_of_stream) {
      return finish({probe_verdict::soft_failure, {}, "closed without an answer"});
    }
    finish(outcome_of(failed, none_within("answer", limits().answer)));
  }

  std::uint32_t expected_;
  request request_;
  beast::flat_buffer buffer_{head_bytes_max};
  beast::http::response_parser<beast::http::empty_body> answer_;
};

/// RFC 9110 §5.6.2: what a header's name is made of.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_printable(unsigned char c) {
  return c >= 0x20 && c != 0x7f;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

void probe_http(asio::io_context& io, const probe_endpoints& to, const probe_target& target,
                const probe_limits& limits, probe_done done) {
  std::make_shared<http_probe>(io, target, limits, std::move(done))->start(to);
}

probe_outcome outcome_of_status(std::uint32_t status, std::uint32_t expected) {
  if (status == expected) return {probe_verdict::success, probe_time{0}, {}};
  // What is overloaded or moved may be well again at the next probe.
  const bool may_pass = status == 503 || status == 302;
  return {may_pass ? probe_verdict::soft_failure : probe_verdict::hard_failure, probe_time{0},
          "status " + std::to_string(status) + " instead of " + std::to_string(expected)};
}

std::vector<std::pair<std::string, std::string>> parse_header_list(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('|'), text.size());
    const auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto colon = item.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = trimmed(item.substr(0, colon));
    const auto value = trimmed(item.substr(colon + 1));
    if (!is_token(name) || !std::all_of(value.begin(), value.end(), is_printable)) continue;
    out.emplace_back(name, value);
  }
  return out;
}

std::string request_path(std::string_view path) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string out = path.starts_with('/') ? "" : "/";
  for (const unsigned char c : path) {
    if (c > 0x20 && c < 0x7f) {
      out += static_cast<char>(c);
    } else {
      out += {'%', digits[c >> 4U], digits[c & 0xfU]};
    }
  }
  return out;
}

}  // namespace troupe::naming

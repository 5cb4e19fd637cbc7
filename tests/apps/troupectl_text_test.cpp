#include "apps/troupectl_text.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "apps/troupectl_http.hpp"
#include "apps/troupectl_table.hpp"

using namespace troupe::apps;

TEST_CASE("every byte of a key survives percent-encoding") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(percent_encode("a/b c~") == "a%2Fb%20c~");
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode("50%") == "50%");
  CHECK(percent_decode("%4") == "%4");
  CHECK(percent_decode("%41") == "A");
}

TEST_CASE("base64 is that of RFC 4648, section 10") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
  }
}

TEST_CASE("a cell stays on one line, whatever the value holds") {
  CHECK(printable("a\nb", 60) == "a\\x0Ab");
  CHECK(printable("abcdef", 4) == "abcd…");
}

TEST_CASE("columns are aligned, numbers to the right") {
  table lines({"KEY", "VERSION"});
  lines.add({"long…key", "7"});
  lines.add({"k", "1200"});
  std::ostringstream out;
  lines.print(out);
  CHECK(out.str() ==
        "KEY       VERSION\n"
        "long…key        7\n"
        "k            1200\n");
}

TEST_CASE("a failure leads to the exit code that says what a script may do next") {
  const http_request write{"PUT", "/kv/v1/k", {}, {}};
  const http_request read{"GET", "/kv/v1/k", {}, {}};
  const auto code = [](const http_request& request, unsigned status, const char* body) {
    return failure_of(request, {status, body, {}}).exit_code;
  };
  CHECK(code(write, 503, R"({"code":"no_leader","message":"","retriable":true})") == 3);
  CHECK(code(read, 504, R"({"code":"read_timed_out","message":"","retriable":true})") == 3);
  CHECK(code(write, 504, R"({"code":"outcome_unknown","message":"","retriable":false})") == 4);
  CHECK(code(write, 412, R"({"code":"version_mismatch","message":"","retriable":false})") == 1);
  CHECK(code(read, 404, R"({"code":"not_found","message":"","retriable":false})") == 1);
  CHECK(code(write, 500, "The Raft Group [g] did not find the Leader node") == 3);
  CHECK(code(write, 500, "caused: timeout;") == 4);
  CHECK(code(write, 400, "Param 'ip' is required.") == 1);
}

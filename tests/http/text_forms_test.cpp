#include "http/text_forms.hpp"

#include <catch2/catch.hpp>

using namespace troupe::http;

TEST_CASE("percent-encoding keeps unreserved characters and every byte") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode(std::string_view("/ +%\0\xff", 6)) == "%2F%20%2B%25%00%FF");
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode("a+b%2f%2F") == "a+b//");
  for (const auto* bad : {"%", "%2", "a%", "%zz", "%2g"}) CHECK_FALSE(percent_decode(bad));
}

TEST_CASE("base64 pads as RFC 4648 has it") {
  CHECK(base64_encode("") == "");
  CHECK(base64_encode("f") == "Zg==");
  CHECK(base64_encode("fo") == "Zm8=");
  CHECK(base64_encode("foo") == "Zm9v");
  CHECK(base64_encode("foobar") == "Zm9vYmFy");
  CHECK(base64_encode("\xff\xfe\xfd") == "//79");
}

TEST_CASE("of two parameters with one name the first wins") {
  parameters p;
  CHECK(p.add_form("a=1&b=x+y%2B&&c&a=2&=empty"));
  CHECK(p.add_form("a=3&d=4"));
  CHECK(p.find("a") == "1");
  CHECK(p.find("b") == "x y+");
  CHECK(p.find("c") == "");
  CHECK(p.find("d") == "4");
  CHECK_FALSE(p.find("e"));
  CHECK_FALSE(p.add_form("e=5&f=%"));
  CHECK_FALSE(p.find("e"));
}

TEST_CASE("numbers are decimal digits within their range") {
  CHECK(parse_number("17", 1, 20) == 17U);
  CHECK_FALSE(parse_number("0", 1, 20));
  CHECK_FALSE(parse_number("21", 1, 20));
  for (const auto* bad : {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "18446744073709551616"}) {
    CHECK_FALSE(parse_number(bad, 0, UINT64_MAX));
  }
}

// Tokens: what is signed is read, and nothing else is.
#include "http/access_token.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "http/text_forms.hpp"

using namespace troupe;
using namespace troupe::http;

namespace {

constexpr std::uint64_t now_s = 1'700'000'000;

token_signer signer_of(std::size_t key_bytes, char filling = 'k') {
  auto key = token_key::parse(base64_encode(std::string(key_bytes, filling)));
  REQUIRE(key);
  return {*key, std::chrono::seconds(100)};
}

std::string url_base64(std::string_view bytes) {
  auto text = base64_encode(bytes);
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

nlohmann::json part(const std::string& token, int which) {
  auto text = token;
  for (int i = 0; i < which; ++i) text.erase(0, text.find('.') + 1);
  text = text.substr(0, text.find('.'));
  for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const auto bytes = base64_decode(text);
  REQUIRE(bytes);
  return nlohmann::json::parse(*bytes);
}

}  // namespace

TEST_CASE("a token says who and until when, signed as the key's length asks for", "[access]") {
  const std::pair<std::size_t, const char*> expected[] = {
      {32, "HS256"}, {47, "HS256"}, {48, "HS384"}, {63, "HS384"}, {64, "HS512"}, {100, "HS512"}};
  for (const auto& [bytes, algorithm] : expected) {
    const auto signer = signer_of(bytes);
    const auto token = signer.sign({"nacos", 7}, now_s);
    REQUIRE(token);
    CHECK(part(*token, 0)["alg"] == algorithm);
    CHECK(part(*token, 1)["sub"] == "nacos");
    CHECK(part(*token, 1)["exp"] == now_s + 100);
    const auto read = signer.read(*token, now_s);
    REQUIRE(read);
    CHECK(*read == token_claims{"nacos", 7});
  }
}

TEST_CASE("a token ends", "[access]") {
  const auto signer = signer_of(32);
  const auto token = *signer.sign({"nacos", 1}, now_s);
  CHECK(signer.read(token, now_s + 99));
  CHECK(signer.read(token, now_s + 100).error() == token_fault::expired);
}

TEST_CASE("a token that somebody else signed, or changed, is refused", "[access]") {
  const auto signer = signer_of(32);
  const auto token = *signer.sign({"nacos", 1}, now_s);
  CHECK(signer_of(32, 'x').read(token, now_s).error() == token_fault::bad_signature);
  CHECK(signer_of(64).read(token, now_s).error() == token_fault::bad_signature);
  const auto body = token.find('.') + 1;
  const auto signature = token.find('.', body);
  const auto forged = token.substr(0, body) +
                      url_base64(R"({"exp":1800000000,"rev":1,"sub":"root"})") +
                      token.substr(signature);
  CHECK(signer.read(forged, now_s).error() == token_fault::bad_signature);
}

TEST_CASE("a token that names no algorithm, or another one, is refused", "[access]") {
  const auto signer = signer_of(32);
  const auto body = url_base64(R"({"exp":1800000000,"rev":1,"sub":"nacos"})");
  for (const auto* header :
       {R"({"alg":"none"})", R"({"alg":"HS512","typ":"JWT"})", R"({"alg":"RS256","typ":"JWT"})"}) {
    CHECK_FALSE(signer.read(url_base64(header) + '.' + body + '.', now_s));
    CHECK_FALSE(signer.read(url_base64(header) + '.' + body + ".AAAA", now_s));
  }
  // The right key, but another algorithm than its length asks for.
  const auto longer = *signer_of(64).sign({"nacos", 1}, now_s);
  CHECK(signer_of(48).read(longer, now_s).error() == token_fault::bad_signature);
}

TEST_CASE("what is no token is called so", "[access]") {
  const auto signer = signer_of(32);
  for (const auto& text : {std::string("AUTH_DISABLED"), std::string("a.b.c"), std::string("."),
                           std::string("\0", 1), std::string(100'000, '.')}) {
    CHECK(signer.read(text, now_s).error() == token_fault::invalid);
  }
}

TEST_CASE("a user whom JSON cannot name gets no token", "[access]") {
  CHECK_FALSE(signer_of(32).sign({"\xff", 1}, now_s));
}

TEST_CASE("a key is Base64 of 32 bytes at the least, and its refusal does not repeat it",
          "[access]") {
  CHECK(token_key::parse("not base64!").error() == "is not Base64");
  const auto short_key = base64_encode(std::string(31, 'k'));
  const auto refused = token_key::parse(short_key);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().rfind("holds 31 bytes behind Base64, at least 32 are needed", 0) == 0);
  CHECK(refused.error().find(short_key) == std::string::npos);
}

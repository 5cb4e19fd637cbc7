// The checks on parameters of the naming API: limits, characters, texts (nacos-spec C.2, C.4.1).
#include <catch2/catch.hpp>

#include "http/instance_parameters.hpp"
#include "http/naming_text.hpp"

using namespace troupe;
using namespace troupe::http;

namespace {

/// "" when the query is a registration that passes; else the text of the refusal.
std::string refusal(const std::string& query) {
  request r;
  r.query = query;
  const auto p = naming_parameters::of(r);
  if (!p) return p.error().body;
  if (const auto bad = check_parameters(*p)) {
    CHECK(bad->status == 400);
    return bad->body;
  }
  const auto read = read_registration(*p, naming_dialect(naming_version::v1));
  if (read) return {};
  CHECK(read.error().status == 400);
  return read.error().body;
}

const std::string base = "serviceName=s&ip=10.0.0.1&port=1";

std::string with(const std::string& more) {
  return refusal(base + "&" + more);
}

std::string length_text(const std::string& param, int max) {
  return "Param '" + param + "' is illegal, the param length should not exceed " +
         std::to_string(max) + ".";
}

std::string character_text(const std::string& param) {
  return "Param '" + param + "' is illegal, illegal characters should not appear in the param.";
}

std::string times(std::size_t n) {
  return std::string(n, 'x');
}

}  // namespace

TEST_CASE("required parameters are named, in their order, blank ones too") {
  CHECK(refusal("") == "Param 'serviceName' is required.");
  CHECK(refusal("serviceName=%20&ip=a") == "Param 'serviceName' is required.");
  CHECK(refusal("serviceName=s") == "Param 'ip' is required.");
  CHECK(refusal("serviceName=s&ip=&port=1") == "Param 'ip' is required.");
  CHECK(refusal("serviceName=s&ip=a") == "Param 'port' is required.");
  CHECK(refusal(base) == "");
}

TEST_CASE("lengths have limits") {
  CHECK(with("namespaceId=" + times(64)) == "");
  CHECK(with("namespaceId=" + times(65)) == length_text("namespaceId/tenant", 64));
  CHECK(with("groupName=" + times(128)) == "");
  CHECK(with("groupName=" + times(129)) == length_text("group", 128));
  CHECK(with("clusterName=" + times(64)) == "");
  CHECK(with("clusterName=" + times(65)) == length_text("cluster", 64));
  CHECK(with("cluster=" + times(65)) == length_text("cluster", 64));
  CHECK(with("clusters=a," + times(65)) == length_text("cluster", 64));
  CHECK(refusal("ip=a&port=1&serviceName=" + times(512)) == "");
  CHECK(refusal("ip=a&port=1&serviceName=g@@" + times(512)) == "");
  CHECK(refusal("ip=a&port=1&serviceName=" + times(513)) == length_text("serviceName", 512));
  CHECK(refusal("serviceName=s&port=1&ip=" + times(128)) == "");
  CHECK(refusal("serviceName=s&port=1&ip=" + times(129)) == length_text("ip", 128));
}

TEST_CASE("characters count, not bytes") {
  std::string umlauts;
  for (int i = 0; i < 512; ++i) umlauts += "%C3%BC";
  CHECK(refusal("ip=a&port=1&serviceName=" + umlauts) == "");
  CHECK(refusal("ip=a&port=1&serviceName=x" + umlauts) == length_text("serviceName", 512));
}

TEST_CASE("characters that do not belong are refused") {
  CHECK(with("namespaceId=a.b") == character_text("namespaceId/tenant"));
  CHECK(with("namespaceId=a_b-C9") == "");
  CHECK(with("groupName=a/b") == character_text("group"));
  CHECK(with("groupName=a.b:c_d-e") == "");
  CHECK(with("clusterName=a.b") == character_text("cluster"));
  CHECK(with("clusters=a,b!") == character_text("cluster"));
  CHECK(refusal("ip=a&port=1&serviceName=@s") == character_text("serviceName"));
  CHECK(refusal("ip=a&port=1&serviceName=g@@a@@b") == character_text("serviceName"));
  CHECK(refusal("ip=a&port=1&serviceName=a%20b") == character_text("serviceName"));
  CHECK(refusal("ip=a&port=1&serviceName=%E4%B8%AD") == character_text("serviceName"));
  CHECK(refusal("ip=a&port=1&serviceName=a%00b") == character_text("serviceName"));
  CHECK(refusal("ip=a&port=1&serviceName=%FF") == character_text("serviceName"));
  CHECK(refusal("ip=a&port=1&serviceName=g!@@s") == character_text("group"));
  CHECK(refusal("serviceName=s&port=1&ip=a%09b") == character_text("ip"));
  CHECK(refusal("serviceName=s&port=1&ip=%E9%BE%A5") == character_text("ip"));
  CHECK(refusal("serviceName=s&port=1&ip=db-1.example.org") == "");
}

TEST_CASE("a service name that carries a group carries both") {
  CHECK(refusal("ip=a&port=1&serviceName=g@@") ==
        "Param 'serviceName' is illegal, it should be format as 'groupName@@serviceName'");
  CHECK(refusal("ip=a&port=1&serviceName=@@s") ==
        "Param 'serviceName' is illegal, groupName can't be empty");
}

TEST_CASE("ports are numbers from 0 to 65535") {
  for (const auto* port : {"65536", "-1", "x", "1.0", "99999999999999999999"}) {
    CHECK(refusal(std::string("serviceName=s&ip=a&port=") + port) ==
          "Param 'port' is illegal, the value should be between 0 and 65535.");
  }
  CHECK(refusal("serviceName=s&ip=a&port=0") == "");
  CHECK(refusal("serviceName=s&ip=a&port=65535") == "");
}

TEST_CASE("weights are numbers from 0 to 10000") {
  for (const auto* weight : {"-0.1", "10000.1", "x", "nan", "inf", "1,5"}) {
    CHECK(with(std::string("weight=") + weight) ==
          "instance format invalid: The weights range from 0.0 to 10000.0");
  }
  CHECK(with("weight=0") == "");
  CHECK(with("weight=10000") == "");
}

TEST_CASE("an instance's cluster name is stricter than the parameter check") {
  CHECK(with("clusterName=a_b") ==
        "Instance 'clusterName' should be characters with only 0-9a-zA-Z-. (current: a_b)");
  CHECK(with("clusterName=a-b9") == "");
}

TEST_CASE("metadata has a form and a limit") {
  CHECK(with("metadata=" + times(9)) == "metadata format incorrect:xxxxxxxxx");
  CHECK(with("metadata=a=") == "metadata format incorrect:a=");
  CHECK(with("metadata=a=1=2") == "metadata format incorrect:a=1=2");
  CHECK(with("metadata=[1]") == "metadata format incorrect:[1]");
  CHECK(with("metadata=%7B%22a%22:%7B%7D%7D") == "metadata format incorrect:{\"a\":{}}");
  CHECK(with("metadata=%7B%22a%22:1,%22b%22:true,%22c%22:null%7D") == "");
  CHECK(with("metadata=k=" + times(1'023)) == "");
  CHECK(with("metadata=k=" + times(1'024)) == length_text("Metadata", 1'024));
}

TEST_CASE("time limits of heart-beats are not shorter than their interval") {
  const std::string text =
      "Instance 'heart beat interval' must less than 'heart beat timeout' and 'ip delete "
      "timeout'.";
  CHECK(with("metadata=preserved.heart.beat.interval=20000") == text);
  CHECK(with("metadata=preserved.heart.beat.timeout=4999") == text);
  CHECK(with("metadata=preserved.ip.delete.timeout=4999") == text);
  CHECK(with("metadata=preserved.heart.beat.timeout=5000") == "");
}

TEST_CASE("malformed escapes are refused") {
  CHECK(refusal("serviceName=%zz") == "a '%' is not followed by two hexadecimal digits");
}

TEST_CASE("text is examined by code points") {
  CHECK(examine("aü中").characters == 3);
  CHECK(examine("中").has_cjk);
  CHECK_FALSE(examine("ü").has_cjk);
  CHECK(examine("a b").has_blank);
  for (const auto* bad : {"\xc0\x80", "\xff", "\xe4\xb8", "\x80", "\xe4\x28\xa1"}) {
    CHECK_FALSE(examine(bad).valid);
  }
}

TEST_CASE("a code point in a form that UTF-8 does not have is refused") {
  // Longer than need be, a surrogate, beyond the last code point: JSON takes none of them.
  for (const auto* bad : {"\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
                          "\xed\xbf\xbf", "\xf4\x90\x80\x80"}) {
    CHECK_FALSE(examine(bad).valid);
  }
  for (const auto* good :
       {"\xe0\xa0\x80", "\xf0\x90\x80\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(examine(good).valid);
  }
}

// Namespaces over HTTP, byte for byte. nacos-spec C.10.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;
using nlohmann::json;

namespace {

const std::string v1 = "/nacos/v1/console/namespaces";
const std::string v2 = "/nacos/v2/console/namespace";

const std::string of_default =
    R"({"namespace":"","namespaceShowName":"public","namespaceDesc":null,)"
    R"("quota":200,"configCount":0,"type":0})";
const std::string of_dev =
    R"({"namespace":"dev","namespaceShowName":"Development","namespaceDesc":"for tests",)"
    R"("quota":200,"configCount":0,"type":2})";

http_reply form(const running_server& s, const std::string& method, const std::string& target,
                const std::string& body) {
  return s.connect().form(method, target, body);
}

void add_dev(const running_server& s) {
  const auto r = form(s, "POST", v1,
                      "customNamespaceId=dev&namespaceName=Development&namespaceDesc=for+tests");
  REQUIRE(r.body == "true");
}

}  // namespace

TEST_CASE("the default namespace is there from the start", "[namespaces]") {
  const running_server s;
  CHECK(s.get(v1).body == R"({"code":200,"message":null,"data":[)" + of_default + "]}");
  CHECK(s.get(v2 + "/list").body ==
        R"({"code":0,"message":"success","data":[)" + of_default + "]}");
  CHECK(s.get(v2 + "?namespaceId=public").body ==
        R"({"code":0,"message":"success","data":)" + of_default + "}");
}

TEST_CASE("v1: a namespace is added, shown, changed and removed", "[namespaces]") {
  const running_server s;
  add_dev(s);
  CHECK(s.get(v1).body ==
        R"({"code":200,"message":null,"data":[)" + of_default + "," + of_dev + "]}");
  CHECK(s.get(v1 + "?show=all&namespaceId=dev").body == of_dev);
  CHECK(s.get(v1 + "?show=all&namespaceId=test").status == 404);
  CHECK(s.get(v1 + "?checkNamespaceIdExist=true&customNamespaceId=dev").body == "true");
  CHECK(s.get(v1 + "?checkNamespaceIdExist=true&customNamespaceId=test").body == "false");
  CHECK(form(s, "PUT", v1, "namespace=dev&namespaceShowName=Testing").body == "true");
  CHECK(json::parse(s.get(v1 + "?show=all&namespaceId=dev").body)["namespaceShowName"] ==
        "Testing");
  CHECK(s.send("DELETE", v1 + "?namespaceId=dev").body == "true");
  CHECK(s.get(v1 + "?checkNamespaceIdExist=true&customNamespaceId=dev").body == "false");
}

TEST_CASE("v1: what cannot be done is false", "[namespaces]") {
  const running_server s;
  add_dev(s);
  CHECK(form(s, "POST", v1, "customNamespaceId=dev&namespaceName=Again").body == "false");
  CHECK(form(s, "POST", v1, "customNamespaceId=a%2Fb&namespaceName=Slash").body == "false");
  CHECK(form(s, "POST", v1, "customNamespaceId=" + std::string(129, 'a') + "&namespaceName=Long")
            .body == "false");
  CHECK(form(s, "POST", v1, "customNamespaceId=x&namespaceName=a%40b").body == "false");
  CHECK(form(s, "POST", v1, "customNamespaceId=public&namespaceName=Mine").body == "false");
  CHECK(form(s, "PUT", v1, "namespace=none&namespaceShowName=N").body == "false");
  CHECK(s.send("DELETE", v1 + "?namespaceId=public").body == "false");
  CHECK(s.send("POST", v1).body == "Param 'namespaceName' is required.");
}

TEST_CASE("a namespace without an id is given one", "[namespaces]") {
  const running_server s;
  CHECK(form(s, "POST", v1, "customNamespaceId=&namespaceName=Free").body == "true");
  const auto all = json::parse(s.get(v1).body)["data"];
  REQUIRE(all.size() == 2);
  CHECK(all[1]["namespace"].get<std::string>().size() == 36);
  CHECK(all[1]["namespaceDesc"] == "");
}

TEST_CASE("v2: a namespace is added, shown, changed and removed", "[namespaces]") {
  const running_server s;
  const std::string yes = R"({"code":0,"message":"success","data":true})";
  CHECK(form(s, "POST", v2, "namespaceId=dev&namespaceName=Development&namespaceDesc=for+tests")
            .body == yes);
  CHECK(s.get(v2 + "?namespaceId=dev").body ==
        R"({"code":0,"message":"success","data":)" + of_dev + "}");
  CHECK(form(s, "PUT", v2, "namespaceId=dev&namespaceName=Testing").body == yes);
  CHECK(s.send("DELETE", v2 + "?namespaceId=dev").body == yes);
}

TEST_CASE("v2: what cannot be done has its code", "[namespaces]") {
  const running_server s;
  add_dev(s);
  const auto refused = [](const http_reply& r, unsigned status, int code) {
    CHECK(r.status == status);
    CHECK(json::parse(r.body)["code"] == code);
    return json::parse(r.body)["data"].get<std::string>();
  };
  CHECK(refused(s.get(v2 + "?namespaceId=test"), 404, 22001) == "namespaceId [ test ] not exist");
  CHECK(refused(form(s, "PUT", v2, "namespaceId=test&namespaceName=T"), 404, 22001) ==
        "namespaceId [test] not exist");
  CHECK(refused(form(s, "POST", v2, "namespaceId=dev&namespaceName=D"), 400, 22002) ==
        "namespaceId [dev] already exist");
  CHECK(refused(form(s, "POST", v2, "namespaceId=a%2Fb&namespaceName=D"), 400, 22000) ==
        "namespaceId [a/b] mismatch the pattern");
  CHECK(refused(form(s, "POST", v2, "namespaceId=x&namespaceName=a%23b"), 400, 22000) ==
        "namespaceName [a#b] contains illegal char");
  refused(s.get(v2), 400, 10000);
}

TEST_CASE("without a leader namespaces are read, and a write says that it failed", "[namespaces]") {
  const running_server s;
  add_dev(s);
  s.cluster->fail_with(error{error_code::no_leader, "", {}});
  CHECK(json::parse(s.get(v1).body)["data"].size() == 2);
  const auto r = form(s, "POST", v1, "customNamespaceId=x&namespaceName=X");
  CHECK(r.status == 500);
  CHECK(r.body == "caused: The Raft Group [nacos_config] did not find the Leader node;");
  CHECK(form(s, "POST", v2, "namespaceId=x&namespaceName=X").body ==
        R"({"code":30000,"message":"server error","data":)"
        R"("The Raft Group [nacos_config] did not find the Leader node"})");
}

#include "http/nacos_result.hpp"

#include <catch2/catch.hpp>

namespace troupe::http {

TEST_CASE("a Result of v2 is one line of JSON with code, message, data", "[nacos][result]") {
  const auto ok = result_ok(true);
  CHECK(ok.status == 200);
  CHECK(ok.content_type == "application/json");
  CHECK(ok.body == R"({"code":0,"message":"success","data":true})");

  const auto missing = result_error(404, nacos_code::resource_not_found, "config data not exist");
  CHECK(missing.status == 404);
  CHECK(missing.body ==
        R"({"code":20004,"message":"resource not found","data":"config data not exist"})");

  const auto absent = result_missing("serviceName");
  CHECK(absent.status == 400);
  CHECK(absent.body == R"({"code":10000,"message":"parameter missing","data":)"
                       R"("Required parameter 'serviceName' type String is not present"})");
}

TEST_CASE("a RestResult says null where there is no message", "[nacos][result]") {
  CHECK(rest_result_ok(true).body == R"({"code":200,"message":null,"data":true})");
  const auto refused = rest_result(500, "no", nullptr);
  CHECK(refused.status == 200);
  CHECK(refused.body == R"({"code":500,"message":"no","data":null})");
}

TEST_CASE("a write without a leader says so in Nacos's words", "[nacos][result]") {
  const auto r = result_failed({error_code::no_leader, "", {}}, "nacos_config");
  CHECK(r.status == 500);
  CHECK(r.body == R"({"code":30000,"message":"server error","data":)"
                  R"("The Raft Group [nacos_config] did not find the Leader node"})");
  CHECK(result_failed({error_code::too_large, "x has more than 1 byte", {}}, "g").status == 400);
  CHECK(failure_text({error_code::overloaded, "", {}}, "g") == "overloaded");
}

TEST_CASE("bytes that are no UTF-8 do not break a Result", "[nacos][result]") {
  CHECK(result_ok("\xff").body == "{\"code\":0,\"message\":\"success\",\"data\":\"\xef\xbf\xbd\"}");
}

}  // namespace troupe::http

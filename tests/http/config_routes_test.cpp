// The configuration API, byte for byte as its clients need it: nacos-spec C.2, C.3, C.8, D.6.
#include <nlohmann/json.hpp>

#include "http/text_forms.hpp"
#include "processors/md5.hpp"
#include "tests/http/running_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

using json = nlohmann::ordered_json;

constexpr const char* v1 = "/nacos/v1/cs/configs";
constexpr const char* v2 = "/nacos/v2/cs/config";

struct expected_reply {
  std::string target;
  unsigned status;
  std::string body;
};

http_reply publish(http_client& c, const std::string& data_id, const std::string& content,
                   const std::string& more = {}) {
  return c.form("POST", v1,
                "dataId=" + data_id + "&group=g&content=" + http::percent_encode(content) + more);
}

}  // namespace

TEST_CASE("v1: what was published is read back, with its digest and kind", "[config]") {
  running_server s;
  auto c = s.connect();
  const auto done = publish(c, "app.json", "{\"a\":\"\xc3\xa9+ %\"}", "&type=json");
  CHECK(done.status == 200);
  CHECK(done.body == "true");
  CHECK(done.header("Content-Type") == "application/json");

  const auto r = c.get(std::string(v1) + "?dataId=app.json&group=g");
  CHECK(r.status == 200);
  CHECK(r.body == "{\"a\":\"\xc3\xa9+ %\"}");
  CHECK(r.header("Content-Type") == "application/json;charset=UTF-8");
  CHECK(r.header("Config-Type") == "json");
  CHECK(r.header("Content-MD5") == processors::md5_hex(r.body));
  CHECK(r.header("Last-Modified") == "Tue, 14 Nov 2023 22:13:20 GMT");
  CHECK(r.header("Expires") == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(r.header("Pragma") == "no-cache");
  CHECK(r.header("Cache-Control") == "no-cache,no-store");
  CHECK(r.headers.count("Encrypted-Data-Key") == 0);
}

TEST_CASE("v1: each type has its media type, an unknown one is text", "[config]") {
  running_server s;
  auto c = s.connect();
  const std::vector<std::vector<std::string>> kinds{
      {"yaml", "yaml", "text/plain;charset=UTF-8"},
      {"properties", "properties", "text/plain;charset=UTF-8"},
      {"toml", "toml", "text/plain;charset=UTF-8"},
      {"unset", "unset", "text/plain;charset=UTF-8"},
      {"xml", "xml", "application/xml;charset=UTF-8"},
      {"html", "html", "text/html;charset=UTF-8"},
      {"", "text", "text/plain;charset=UTF-8"},
      {"cobol", "text", "text/plain;charset=UTF-8"}};
  for (const auto& kind : kinds) {
    publish(c, "a", "x", "&type=" + kind[0] + "&encryptedDataKey=k");
    const auto r = c.get(std::string(v1) + "?dataId=a&group=g");
    CHECK(r.header("Config-Type") == kind[1]);
    CHECK(r.header("Content-Type") == kind[2]);
    CHECK(r.header("Encrypted-Data-Key") == "k");
  }
}

TEST_CASE("v1: the answers that clients compare byte for byte", "[config]") {
  running_server s;
  auto c = s.connect();
  publish(c, "a", "1");
  const std::string illegal = " is illegal, illegal characters should not appear in the param.";
  const std::string too_long = " is illegal, the param length should not exceed ";
  const std::string get(v1);
  const std::vector<expected_reply> gets{
      {get + "?dataId=none&group=g", 404, "config data not exist\n"},
      {get + "?dataId=a&group=g&tenant=dev", 404, "config data not exist\n"},
      {get + "?dataId=a&group=g&tag=t", 404, "config data not exist\n"},
      {get + "?dataId=a&group=g&tenant=public", 200, "1"},
      {get + "?dataId=a&group=g&tenant=null", 200, "1"},
      {get + "?dataId=a&group=g&tenant=", 200, "1"},
      {get + "?group=g", 400, "Parameter 'dataId' is missing"},
      {get + "?dataId=a", 400, "Parameter 'group' is missing"},
      {get + "?dataId=&group=g", 400, "invalid dataId : "},
      {get + "?dataId=a&group=%20", 400, "invalid group :  "},
      {get + "?dataId=a%2Fb&group=g", 400, "Param 'dataId'" + illegal},
      {get + "?dataId=a&group=g%40", 400, "Param 'group'" + illegal},
      {get + "?dataId=a&group=g&tenant=a.b", 400, "Param 'namespaceId/tenant'" + illegal},
      {get + "?group=g&dataId=" + std::string(257, 'x'), 400, "Param 'dataId'" + too_long + "256."},
      {get + "?dataId=a&group=" + std::string(129, 'x'), 400, "Param 'group'" + too_long + "128."},
      {get + "?dataId=a&group=g&tenant=" + std::string(65, 'x'), 400,
       "Param 'namespaceId/tenant'" + too_long + "64."},
      {get + "?dataId=a&group=g&consistency=weak", 400,
       "consistency : weak is neither linearizable nor local"},
      {get + "?dataId=%zz", 400, "a '%' is not followed by two hexadecimal digits"},
      {get + "?dataId=none&group=g&show=all", 200, ""},
      {get + "?dataId=a&group=g&beta=true", 400, "beta publishing is not served: there is no beta"},
      {get + "?export=true&group=g", 501, "export is not served"},
      {get + "?search=exact&dataId=a&group=g", 400, "search : exact is neither accurate nor blur"},
      {"/nacos/v1/cs/health", 200, "UP"},
      {"/nacos/v1/cs/capacity", 501, "capacity limits of groups and namespaces are not served"},
  };
  for (const auto& e : gets) {
    INFO(e.target);
    const auto r = c.get(e.target);
    CHECK(r.status == e.status);
    CHECK(r.body == e.body);
  }
}

TEST_CASE("v1: what is wrong with a publication is named, and nothing is published", "[config]") {
  running_server s;
  auto c = s.connect();
  const auto x = [](std::size_t n) { return std::string(n, 'x'); };
  const std::string key = "dataId=a&group=g&content=1";
  const std::vector<expected_reply> posts{
      {"dataId=a&group=g", 400, "Parameter 'content' is missing"},
      {"group=g&content=1", 400, "Parameter 'dataId' is missing"},
      {"dataId=a&group=g&content=", 400, "content is blank : "},
      {"dataId=a&group=g&content=%20%0A", 400, "content is blank :  \n"},
      {"dataId=a&group=g&content=%FF", 400, "invalid content, it is not UTF-8"},
      {key + "&desc=" + x(129), 400, "too long desc, over 128"},
      {key + "&use=" + x(33), 400, "too long use, over 32"},
      {key + "&effect=" + x(33), 400, "too long effect, over 32"},
      {key + "&type=" + x(33), 400, "too long type, over 32"},
      {key + "&schema=" + x(32'769), 400, "too long schema, over 32768"},
      {key + "&config_tags=1,2,3,4,5,6", 400, "too much config_tags, over 5"},
      {key + "&config_tags=" + x(65), 400, "too long tag, over 64"},
      {key + "&encryptedDataKey=a%0D%0Ab", 400,
       "invalid encryptedDataKey, it has control characters"},
      {key + "&tag=gray", 400, "tag: publishing under a tag is not served; nothing was published"},
      {key + "&import=true", 501, "import is not served"},
  };
  for (const auto& e : posts) {
    INFO(e.target.substr(0, 60));
    const auto r = c.form("POST", v1, e.target);
    CHECK(r.status == e.status);
    CHECK(r.body == e.body);
  }
  const auto beta =
      c.send("POST", v1, key,
             {{"Content-Type", "application/x-www-form-urlencoded"}, {"betaIps", "10.0.0.1"}});
  CHECK(beta.status == 400);
  CHECK(beta.body == "betaIps: beta publishing is not served; nothing was published");
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").status == 404);
  CHECK(c.get(std::string("/nacos/v1/cs/history?search=accurate&dataId=a&group=g")).body ==
        R"({"totalCount":0,"pageNumber":1,"pagesAvailable":0,"pageItems":[]})");
}

TEST_CASE("v1: descriptions are measured in characters", "[config]") {
  running_server s;
  auto c = s.connect();
  std::string desc;
  for (int i = 0; i < 128; ++i) desc += "\xe4\xb8\xad";
  CHECK(publish(c, "a", "1", "&desc=" + http::percent_encode(desc)).body == "true");
}

TEST_CASE("parameters of a publication may stand in the query, as some clients send them",
          "[config]") {
  running_server s;
  auto c = s.connect();
  CHECK(c.send("POST", std::string(v1) + "?dataId=q&group=g&content=a%20b").body == "true");
  CHECK(c.get(std::string(v1) + "?dataId=q&group=g").body == "a b");
}

TEST_CASE("v1: compare-and-set publishes over the expected digest only", "[config]") {
  running_server s;
  auto c = s.connect();
  const auto cas = [&](const std::string& content, const std::string& md5) {
    return c.send("POST", v1, "dataId=a&group=g&content=" + content,
                  {{"Content-Type", "application/x-www-form-urlencoded"}, {"casMd5", md5}});
  };
  const auto early = cas("1", processors::md5_hex("0"));
  CHECK(early.status == 500);
  CHECK(early.body == "Cas publish fail, server md5 may have changed.");
  publish(c, "a", "1");
  CHECK(cas("2", processors::md5_hex("1")).body == "true");
  CHECK(cas("3", processors::md5_hex("1")).status == 500);
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").body == "2");
}

TEST_CASE("v1: removing answers true, also where nothing stands", "[config]") {
  running_server s;
  auto c = s.connect();
  publish(c, "a", "1");
  CHECK(c.send("DELETE", std::string(v1) + "?dataId=a&group=g&tag=t").body == "true");
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").status == 200);
  CHECK(c.send("DELETE", std::string(v1) + "?dataId=a&group=g&beta=true").status == 400);
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").status == 200);
  CHECK(c.send("DELETE", std::string(v1) + "?dataId=a&group=g&tenant=public").body == "true");
  CHECK(c.send("DELETE", std::string(v1) + "?dataId=a&group=g").body == "true");
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").status == 404);
}

TEST_CASE("v1: several are removed by their ids", "[config]") {
  running_server s;
  auto c = s.connect();
  publish(c, "a", "1");
  publish(c, "b", "1");
  const auto r = c.send("DELETE", std::string(v1) + "?delType=ids&ids=1,2,99");
  CHECK(r.body == R"({"code":200,"message":null,"data":true})");
  CHECK(c.get(std::string(v1) + "?dataId=b&group=g").status == 404);
  CHECK(c.send("DELETE", std::string(v1) + "?delType=ids&ids=1,x").body == "ids : x is no id");
}

TEST_CASE("v1: the details of one configuration", "[config]") {
  running_server s;
  auto c = s.connect();
  publish(c, "a", "1",
          "&type=yaml&appName=shop&desc=ports&config_tags=x,y&src_user=ann&tenant=dev");
  const std::string key = "?dataId=a&group=g&tenant=dev";
  CHECK(c.get(std::string(v1) + key + "&show=all").body ==
        R"({"id":"1","dataId":"a","group":"g","content":"1",)"
        R"("md5":"c4ca4238a0b923820dcc509a6f75849b","encryptedDataKey":"","tenant":"dev",)"
        R"("appName":"shop","type":"yaml","createTime":1700000000000,)"
        R"("modifyTime":1700000000000,"createUser":"ann","createIp":"127.0.0.1","desc":"ports",)"
        R"("use":null,"effect":null,"schema":null,"configTags":"x,y"})");
  CHECK(c.get(std::string(v1) + "/catalog" + key).body ==
        R"({"code":200,"message":null,"data":{"createTime":1700000000000,)"
        R"("modifyTime":1700000000000,"createUser":"ann","createIp":"127.0.0.1","desc":"ports",)"
        R"("use":null,"effect":null,"type":"yaml","schema":null,"configTags":"x,y"}})");
  CHECK(c.get(std::string(v1) + "/catalog?dataId=none&group=g").body ==
        R"({"code":200,"message":null,"data":null})");
}

TEST_CASE("v1: searches answer pages in Nacos's form", "[config]") {
  running_server s;
  auto c = s.connect();
  publish(c, "shop.yaml", "1", "&type=yaml&appName=shop");
  publish(c, "bank.yaml", "2", "&type=yaml");
  const auto search = [&](const std::string& how) {
    return c.get(std::string(v1) + "?search=" + how + "&pageNo=1&pageSize=10").body;
  };
  CHECK(search("accurate&dataId=shop.yaml&group=g") ==
        R"({"totalCount":1,"pageNumber":1,"pagesAvailable":1,"pageItems":[)"
        R"({"id":"1","dataId":"shop.yaml","group":"g","content":"1","md5":null,)"
        R"("encryptedDataKey":"","tenant":"","appName":"shop","type":"yaml"}]})");
  const auto total = [&](const std::string& how) {
    return json::parse(search(how)).at("totalCount").get<int>();
  };
  CHECK(total("accurate&dataId=&group=") == 2);
  CHECK(total("accurate&dataId=*yaml&group=") == 0);
  CHECK(total("blur&dataId=*yaml&group=") == 2);
  CHECK(total("blur&dataId=b*&group=*") == 1);
  CHECK(total("blur&dataId=&group=&config_detail=2") == 1);
  CHECK(c.get(std::string(v1) + "?search=blur&dataId=&group=&pageNo=1").body ==
        "Parameter 'pageSize' is missing");
  CHECK(c.get(std::string(v1) + "?search=blur&dataId=&group=&pageNo=0&pageSize=1").body ==
        "pageNo : 0 is no number from 1");
}

TEST_CASE("v1: history tells what stood before each change", "[config]") {
  running_server s;
  auto c = s.connect();
  publish(c, "a", "1", "&src_user=ann");
  s.now_ms->fetch_add(1'000);
  publish(c, "a", "2");
  const std::string history = "/nacos/v1/cs/history?dataId=a&group=g";
  CHECK(c.get(history + "&search=accurate&pageSize=1").body ==
        R"({"totalCount":2,"pageNumber":1,"pagesAvailable":2,"pageItems":[)"
        R"({"id":"2","lastId":-1,"dataId":"a","group":"g","tenant":"","appName":"","md5":null,)"
        R"("content":null,"srcIp":"127.0.0.1","srcUser":null,"opType":"U         ",)"
        R"("publishType":"formal","grayName":"","extInfo":"{\"type\":\"text\"}",)"
        R"("createdTime":"2023-11-14T22:13:21.000+00:00",)"
        R"("lastModifiedTime":"2023-11-14T22:13:21.000+00:00","encryptedDataKey":""}]})");
  const auto row = json::parse(c.get(history + "&nid=2").body);
  CHECK(row.at("content") == "1");
  CHECK(row.at("md5") == processors::md5_hex("1"));
  const auto first = json::parse(c.get(history + "&nid=1").body);
  CHECK(first.at("opType") == "I         ");
  CHECK(first.at("srcUser") == "ann");
  CHECK(c.get(history + "&nid=9").body.empty());
  const auto other = c.get("/nacos/v1/cs/history?dataId=b&group=g&nid=1");
  CHECK(other.status == 403);
  CHECK(other.body == "Please check dataId, group or namespaceId.");
  const auto previous = c.get("/nacos/v1/cs/history/previous?dataId=a&group=g&id=1");
  CHECK(json::parse(previous.body).at("id") == "2");
  CHECK(c.get(history).body == "Parameter 'nid' is missing");
  CHECK(c.get("/nacos/v1/cs/history/configs?tenant=public").body ==
        R"([{"id":"1","dataId":"a","group":"g","content":null,"md5":null,)"
        R"("encryptedDataKey":"","tenant":"","appName":"","type":"text"}])");
  CHECK(c.get("/nacos/v1/cs/history/configs").body == "Parameter 'tenant' is missing");
}

TEST_CASE("v2: a Result around everything", "[config]") {
  running_server s;
  auto c = s.connect();
  const std::string key = "?dataId=a&group=g&namespaceId=dev";
  const auto ok = [](const std::string& data) {
    return R"({"code":0,"message":"success","data":)" + data + "}";
  };
  CHECK(c.form("POST", v2, "dataId=a&group=g&namespaceId=dev&content=1").body == ok("true"));
  CHECK(c.get(v2 + key).body == ok("\"1\""));
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g&tenant=dev").body == "1");
  const auto list = json::parse(c.get("/nacos/v2/cs/history/list" + key).body);
  CHECK(list.at("data").at("totalCount") == 1);
  const auto row = json::parse(c.get("/nacos/v2/cs/history" + key + "&nid=1").body);
  CHECK(row.at("data").at("content") == "1");
  const auto before = json::parse(c.get("/nacos/v2/cs/history/previous" + key + "&id=1").body);
  CHECK(before.at("data").at("id") == "1");
  const auto all = json::parse(c.get("/nacos/v2/cs/history/configs?namespaceId=dev").body);
  CHECK(all.at("data").size() == 1);
  CHECK(c.send("DELETE", v2 + key).body == ok("true"));

  const auto gone = c.get(v2 + key);
  CHECK(gone.status == 404);
  CHECK(gone.body ==
        R"({"code":20004,"message":"resource not found","data":"config data not exist"})");
}

TEST_CASE("v2: refusals carry their codes", "[config]") {
  running_server s;
  auto c = s.connect();
  const auto invalid = [](const std::string& text) {
    return R"({"code":20002,"message":"parameter validate error","data":")" + text + "\"}";
  };
  const auto blank = c.form("POST", v2, "dataId=a&group=g&content=");
  CHECK(blank.status == 400);
  CHECK(blank.body == invalid("content is blank : "));
  const auto missing = c.get(std::string(v2) + "?group=g");
  CHECK(missing.status == 400);
  CHECK(missing.body == R"({"code":10000,"message":"parameter missing","data":)"
                        R"("Required parameter 'dataId' type String is not present"})");
  const auto cas = c.send("POST", v2, "dataId=a&group=g&content=1",
                          {{"Content-Type", "application/x-www-form-urlencoded"},
                           {"casMd5", processors::md5_hex("0")}});
  CHECK(cas.status == 500);
  CHECK(cas.body == R"({"code":20005,"message":"resource conflict","data":)"
                    R"("Cas publish fail, server md5 may have changed."})");
  const auto row = c.get("/nacos/v2/cs/history?dataId=a&group=g&nid=9");
  CHECK(row.status == 404);
  CHECK(row.body == R"({"code":20004,"message":"resource not found","data":)"
                    R"("certain config history for nid = 9 not exist"})");
  c.form("POST", v2, "dataId=a&group=g&content=1");
  const auto other = c.get("/nacos/v2/cs/history?dataId=b&group=g&nid=1");
  CHECK(other.status == 403);
  CHECK(other.body == R"({"code":10001,"message":"access denied","data":)"
                      R"("Please check dataId, group or namespaceId."})");
  // The parameter check stands before both versions of the API. nacos-spec C.2.
  CHECK(c.get(std::string(v2) + "?dataId=a%2F&group=g").body ==
        "Param 'dataId' is illegal, illegal characters should not appear in the param.");
}

TEST_CASE("reads are local unless the client asks for more", "[config]") {
  running_server s;
  auto c = s.connect();
  const std::string get = std::string(v1) + "?dataId=a&group=g";
  c.get(get);
  CHECK(s.cluster->last_asked().consistency == consistency::local);
  c.get(get + "&consistency=linearizable");
  CHECK(s.cluster->last_asked().consistency == consistency::linearizable);
  c.get(get, {{"X-Troupe-Consistency", "linearizable"}});
  CHECK(s.cluster->last_asked().consistency == consistency::linearizable);
}

TEST_CASE("a write that fails says why, with a status that sends clients to the next server",
          "[config]") {
  running_server s;
  auto c = s.connect();
  s.cluster->fail_with(error{error_code::no_leader, "", {}});
  const auto r = publish(c, "a", "1");
  CHECK(r.status == 500);
  CHECK(r.body == "caused: The Raft Group [nacos_config] did not find the Leader node;");
  CHECK(c.form("POST", v2, "dataId=a&group=g&content=1").body ==
        R"({"code":30000,"message":"server error","data":)"
        R"("The Raft Group [nacos_config] did not find the Leader node"})");
  s.cluster->fail_with(error{error_code::too_large, "the command has too many bytes", {}});
  CHECK(publish(c, "a", "1").status == 400);
  s.cluster->reasons = {"kv: no leader", "nacos_config: no leader"};
  CHECK(c.get("/nacos/v1/cs/health").body == "DOWN:nacos_config: no leader");
}

TEST_CASE("the largest content passes also when each byte is escaped", "[config]") {
  running_server s;
  auto c = s.connect();
  std::string content;
  while (content.size() + 3 <= 10'485'760) content += "\xe4\xb8\xad";
  CHECK(publish(c, "a", content).body == "true");
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").body == content);
  content += "xx";
  const auto beyond = publish(c, "a", content);
  CHECK(beyond.status == 400);
  CHECK(beyond.body == "invalid content, over 10485760");
}

TEST_CASE("a request line of 16 KiB passes", "[config]") {
  running_server s;
  auto c = s.connect();
  const std::string content(20'000, 'x');
  CHECK(c.send("POST", std::string(v1) + "?dataId=a&group=g&content=" + content).body == "true");
  CHECK(c.get(std::string(v1) + "?dataId=a&group=g").body == content);
}

#include "tests/http/running_server.hpp"

using namespace troupe;
using test::running_server;

TEST_CASE("a value is put and read with its version as ETag") {
  running_server s;
  auto c = s.connect();
  const auto put = c.send("PUT", "/kv/v1/greeting", "hello");
  CHECK(put.status == 200);
  CHECK(put.body == R"({"version":1})");
  CHECK(put.header("ETag") == "\"1\"");
  CHECK(put.header("Content-Type") == "application/json");
  const auto got = c.get("/kv/v1/greeting");
  CHECK(got.status == 200);
  CHECK(got.body == "hello");
  CHECK(got.header("ETag") == "\"1\"");
  CHECK(got.header("Content-Type") == "application/octet-stream");
}

TEST_CASE("an absent key is 404 as JSON") {
  running_server s;
  const auto r = s.get("/kv/v1/none");
  CHECK(r.status == 404);
  CHECK(r.body == R"({"code":"not_found","message":"the key is absent","retriable":false})");
}

TEST_CASE("DELETE says whether there was anything") {
  running_server s;
  auto c = s.connect();
  c.send("PUT", "/kv/v1/a", "1");
  CHECK(c.send("DELETE", "/kv/v1/a").body == R"({"deleted":true})");
  const auto again = c.send("DELETE", "/kv/v1/a");
  CHECK(again.status == 200);
  CHECK(again.body == R"({"deleted":false})");
}

TEST_CASE("If-Match writes only at that version, and tells what stands there") {
  running_server s;
  auto c = s.connect();
  c.send("PUT", "/kv/v1/a", "1");
  const auto lost = c.send("PUT", "/kv/v1/a", "2", {{"If-Match", "\"9\""}});
  CHECK(lost.status == 412);
  CHECK(lost.header("ETag") == "\"1\"");
  CHECK(lost.body ==
        R"({"code":"version_mismatch","message":"the key stands at version 1","retriable":false})");
  const auto won = c.send("PUT", "/kv/v1/a", "2", {{"If-Match", "\"1\""}});
  CHECK(won.status == 200);
  CHECK(won.header("ETag") == "\"3\"");
  CHECK(c.send("DELETE", "/kv/v1/a", "", {{"If-Match", "\"1\""}}).status == 412);
  CHECK(c.send("DELETE", "/kv/v1/a", "", {{"If-Match", "\"3\""}}).body == R"({"deleted":true})");
  const auto gone = c.send("PUT", "/kv/v1/a", "3", {{"If-Match", "\"3\""}});
  CHECK(gone.status == 412);
  CHECK(gone.header("ETag") == "");
}

TEST_CASE("If-Match: * writes only what exists, If-None-Match: * only what does not") {
  running_server s;
  auto c = s.connect();
  CHECK(c.send("PUT", "/kv/v1/a", "1", {{"If-Match", "*"}}).status == 412);
  CHECK(c.send("DELETE", "/kv/v1/a", "", {{"If-Match", "*"}}).status == 412);
  CHECK(c.send("PUT", "/kv/v1/a", "1", {{"If-None-Match", "*"}}).status == 200);
  const auto second = c.send("PUT", "/kv/v1/a", "2", {{"If-None-Match", "*"}});
  CHECK(second.status == 412);
  CHECK(second.header("ETag") == "\"3\"");
  CHECK(c.send("PUT", "/kv/v1/a", "2", {{"If-Match", "*"}}).status == 200);
}

TEST_CASE("tags that were never ours match nothing, malformed conditions are 400") {
  running_server s;
  auto c = s.connect();
  c.send("PUT", "/kv/v1/a", "1");
  for (const auto* tag : {"\"abc\"", "\"0\"", "\"\"", "\"99999999999999999999999\""}) {
    CHECK(c.send("PUT", "/kv/v1/a", "2", {{"If-Match", tag}}).status == 412);
  }
  for (const auto* tag : {"1", "W/\"1\"", "\"1\", \"2\"", "\"1"}) {
    CHECK(c.send("PUT", "/kv/v1/a", "2", {{"If-Match", tag}}).status == 400);
  }
  CHECK(c.send("PUT", "/kv/v1/a", "2", {{"If-None-Match", "\"1\""}}).status == 400);
  CHECK(c.send("DELETE", "/kv/v1/a", "", {{"If-None-Match", "*"}}).status == 400);
  CHECK(c.send("PUT", "/kv/v1/a", "2", {{"If-Match", "*"}, {"If-None-Match", "*"}}).status == 400);
  CHECK(c.get("/kv/v1/a").body == "1");
}

TEST_CASE("GET with If-None-Match is 304 while the version is still that") {
  running_server s;
  auto c = s.connect();
  c.send("PUT", "/kv/v1/a", "1");
  const auto same = c.get("/kv/v1/a", {{"If-None-Match", "\"1\""}});
  CHECK(same.status == 304);
  CHECK(same.body == "");
  CHECK(same.header("ETag") == "\"1\"");
  CHECK(c.get("/kv/v1/a", {{"If-None-Match", "\"7\", W/\"1\""}}).status == 304);
  CHECK(c.get("/kv/v1/a", {{"If-None-Match", "*"}}).status == 304);
  CHECK(c.get("/kv/v1/a", {{"If-None-Match", "\"2\""}}).body == "1");
  CHECK(c.get("/kv/v1/none", {{"If-None-Match", "*"}}).status == 404);
}

TEST_CASE("HEAD is GET without the body") {
  running_server s;
  auto c = s.connect();
  c.send("PUT", "/kv/v1/a", "hello");
  const auto r = c.send("HEAD", "/kv/v1/a");
  CHECK(r.status == 200);
  CHECK(r.header("Content-Length") == "5");
  CHECK(r.body == "");
  CHECK(c.get("/kv/v1/a").body == "hello");
}

TEST_CASE("keys hold any bytes, slashes and values with NUL included") {
  running_server s;
  auto c = s.connect();
  const std::string value("\0\xff\r\n", 4);
  CHECK(c.send("PUT", "/kv/v1/a%00%FF%2f+b/c%20d", value).status == 200);
  CHECK(c.get("/kv/v1/a%00%ff/+b%2Fc%20d").body == value);
  const auto page = c.get("/kv/v1");
  CHECK(page.body ==
        R"({"items":[{"key":"a%00%FF%2F%2Bb%2Fc%20d","version":1,"value":"AP8NCg=="}],)"
        R"("next":null})");
}

TEST_CASE("keys and values beyond their limits are refused before they are proposed") {
  running_server s;
  auto c = s.connect();
  CHECK(c.send("PUT", "/kv/v1/" + std::string(4'096, 'k'), "v").status == 200);
  CHECK(c.send("PUT", "/kv/v1/" + std::string(4'097, 'k'), "v").status == 400);
  CHECK(c.send("PUT", "/kv/v1/", "v").status == 400);
  CHECK(c.get("/kv/v1/").status == 400);
  CHECK(c.get("/kv/v1/a%2").status == 400);
  CHECK(c.send("PUT", "/kv/v1/big", std::string(4U << 20U, 'v')).status == 200);
  const auto big = c.send("PUT", "/kv/v1/big", std::string((4U << 20U) + 1, 'v'));
  CHECK(big.status == 413);
  CHECK(big.body ==
        R"({"code":"too_large","message":"value: has more than 4194304 bytes","retriable":false})");
  CHECK(c.get("/kv/v1/big").body.size() == 4U << 20U);
}

TEST_CASE("a listing is paged by the next that the last page gave") {
  running_server s;
  auto c = s.connect();
  for (const auto* key : {"a%2Fb", "a%2Fc", "a%2Fd", "b"})
    c.send("PUT", std::string("/kv/v1/") + key, "v");
  const auto first = c.get("/kv/v1?prefix=a%2F&limit=2");
  CHECK(first.body == R"({"items":[{"key":"a%2Fb","version":1,"value":"dg=="},)"
                      R"({"key":"a%2Fc","version":2,"value":"dg=="}],"next":"a%2Fd"})");
  const auto second = c.get("/kv/v1?prefix=a%2F&from=a%2Fd&limit=2");
  CHECK(second.body == R"({"items":[{"key":"a%2Fd","version":3,"value":"dg=="}],"next":null})");
  CHECK(c.get("/kv/v1?prefix=zz").body == R"({"items":[],"next":null})");
  for (const auto* bad : {"limit=0", "limit=1001", "limit=x", "limit=-1", "prefix=%"}) {
    CHECK(c.get(std::string("/kv/v1?") + bad).status == 400);
  }
}

TEST_CASE("reads are linearizable unless asked to be local") {
  running_server s;
  auto c = s.connect();
  c.get("/kv/v1/a");
  CHECK(s.cluster->last_asked().consistency == consistency::linearizable);
  c.get("/kv/v1/a?consistency=local");
  CHECK(s.cluster->last_asked().consistency == consistency::local);
  c.get("/kv/v1?consistency=local");
  CHECK(s.cluster->last_asked().consistency == consistency::local);
  CHECK(c.get("/kv/v1/a?consistency=eventual").status == 400);
}

TEST_CASE("timeout_ms bounds the wait, within its own limits") {
  running_server s;
  auto c = s.connect();
  using std::chrono::milliseconds;
  c.send("PUT", "/kv/v1/a", "1");
  CHECK(s.cluster->last_asked().timeout == milliseconds(10'000));
  c.get("/kv/v1/a");
  CHECK(s.cluster->last_asked().timeout == milliseconds(5'000));
  c.send("DELETE", "/kv/v1/a?timeout_ms=60000");
  CHECK(s.cluster->last_asked().timeout == milliseconds(60'000));
  c.get("/kv/v1/a?timeout_ms=1");
  CHECK(s.cluster->last_asked().timeout == milliseconds(1));
  for (const auto* bad : {"0", "60001", "", "1s"}) {
    CHECK(c.get(std::string("/kv/v1/a?timeout_ms=") + bad).status == 400);
  }
}

TEST_CASE("every error of a group has its status and says whether to try again") {
  struct expectation {
    error_code code;
    unsigned status;
    bool retriable;
  };
  const std::vector<expectation> all{
      {error_code::no_leader, 503, true},        {error_code::not_leader, 421, true},
      {error_code::overloaded, 429, true},       {error_code::term_mismatch, 409, false},
      {error_code::shutting_down, 503, true},    {error_code::unreachable, 503, true},
      {error_code::read_timed_out, 504, true},   {error_code::outcome_unknown, 504, false},
      {error_code::unknown_group, 404, false},   {error_code::unknown_peer, 404, false},
      {error_code::unparsable_peer, 400, false}, {error_code::invalid_argument, 400, false},
      {error_code::too_large, 413, false},       {error_code::refused, 422, false},
      {error_code::storage_failed, 500, false},  {error_code::duplicate_group, 409, false},
      {error_code::wiped_node, 409, false},      {error_code::change_pending, 409, false},
      {error_code::not_caught_up, 409, false},   {error_code::session_expired, 410, false}};
  running_server s;
  auto c = s.connect();
  for (const auto& e : all) {
    s.cluster->fail_with(error{e.code, "why \"it\" failed", {}});
    const auto r = c.send("PUT", "/kv/v1/a", "1");
    CHECK(r.status == e.status);
    CHECK(r.body == "{\"code\":\"" + std::string(name_of(e.code)) +
                        R"(","message":"why \"it\" failed","retriable":)" +
                        (e.retriable ? "true}" : "false}"));
    CHECK(c.get("/kv/v1/a").status == e.status);
  }
}

TEST_CASE("not_leader names the leader when it is known") {
  running_server s;
  s.cluster->fail_with(error{error_code::not_leader, "ask the leader", "127.0.0.1:7102"});
  CHECK(s.get("/kv/v1/a").body == R"({"code":"not_leader","message":"ask the leader",)"
                                  R"("retriable":true,"leader":"127.0.0.1:7102"})");
}

// The file of JSON lines: what is understood, what is skipped, and what is refused.
#include "tests/linearizability/history_file.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/linearizability/checker.hpp"

using namespace troupe::linearizability;

namespace {

histories read(const std::string& text) {
  std::istringstream lines(text);
  return read_histories(lines);
}

}  // namespace

TEST_CASE("a file tells every kind of operation, by key") {
  const histories h = read(R"(
{"key":"k","client":3,"op":"put","value":"v7","ok":true,"version":17,"start_ns":10,"end_ns":25}
{"key":"k","client":4,"op":"get","ok":true,"observed":"v7","version":17,"start_ns":26,"end_ns":29}
{"key":"k","client":3,"op":"cas","value":"v8","expected":17,"ok":null,"start_ns":30,"end_ns":null}
{"key":"k","client":5,"op":"cas","value":"v9","expected":null,"ok":false,"observed":null,"version":17,"start_ns":30,"end_ns":31}
{"key":"other","client":1,"op":"delete","ok":true,"version":null,"start_ns":1,"end_ns":2}
{"key":"other","client":1,"op":"get","ok":true,"observed":null,"version":null,"start_ns":3,"end_ns":4}
)");
  CHECK(h.error.empty());
  REQUIRE(h.by_key.size() == 2);
  const history& k = h.by_key.at("k");
  REQUIRE(k.size() == 4);
  CHECK(describe(k[0]) ==
        "[    0.000010 ..     0.000025] ms  client 3  put \"v7\": done as version 17");
  CHECK(describe(k[1]) ==
        "[    0.000026 ..     0.000029] ms  client 4  get: saw \"v7\" of version 17");
  CHECK(describe(k[2]) ==
        "[    0.000030 ..            - ] ms  client 3  cas version 17 -> \"v8\": outcome unknown");
  CHECK(describe(k[3]) ==
        "[    0.000030 ..     0.000031] ms  client 5  cas absent -> \"v9\": refused by version 17");
  CHECK(h.by_key.at("other").size() == 2);
  CHECK(check(k).result == conclusion::linearizable);
}

TEST_CASE("lines that say nothing are skipped, their keys are not") {
  const histories h = read(R"(
{"key":"k","client":1,"op":"get","ok":null,"start_ns":1,"end_ns":2}
{"key":"k","client":1,"op":"get","ok":false,"start_ns":1,"end_ns":2}
{"key":"k","client":1,"op":"put","value":"a","ok":false,"start_ns":1,"end_ns":2}
{"key":"k","client":1,"op":"delete","ok":false,"start_ns":1,"end_ns":2}
)");
  CHECK(h.error.empty());
  CHECK(h.by_key.at("k").empty());
}

TEST_CASE("an unknown outcome has no end, whatever the file says") {
  const histories h =
      read(R"({"key":"k","client":1,"op":"put","value":"a","ok":null,"start_ns":1,"end_ns":2})");
  CHECK(h.by_key.at("k").front().end_ns == never_ns);
}

TEST_CASE("a line that cannot be understood is told by its number") {
  const std::string good =
      R"({"key":"k","client":1,"op":"delete","ok":true,"start_ns":1,"end_ns":2})"
      "\n";
  const auto error = [&](const std::string& line) { return read(good + line).error; };
  CHECK(error(R"({"key":"k","client":1,"op":"inc","ok":true,"start_ns":1,"end_ns":2})") ==
        "line 2: op must be put, get, cas or delete");
  CHECK(error("nonsense").find("line 2: ") == 0);
  CHECK(error("[]").find("line 2: ") == 0);
  CHECK(error(R"({"key":"k","client":1,"op":"put","ok":true,"start_ns":1,"end_ns":2})")
            .find("'value' not found") != std::string::npos);
  CHECK(error(R"({"key":"k","client":1,"op":"delete","ok":true,"start_ns":1})")
            .find("'end_ns' not found") != std::string::npos);
}

// change_log: what is found, and as of when.
#include "persistence/change_log.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace troupe::persistence {
namespace {

using model = std::map<std::string, std::optional<std::string>>;

model as_model(const std::vector<change>& changes) {
  model found;
  for (const auto& c : changes) {
    found[std::string(c.key())] =
        c.is_erased ? std::nullopt : std::optional<std::string>(c.value());
  }
  return found;
}

model range_of(const change_log& log, std::string_view start, std::string_view end,
               std::size_t seen) {
  return as_model(log.range(start, end, seen, 1000));
}

TEST_CASE("change log: the newest change of a key is found, as of each moment") {
  change_log log;
  log.put("p/", "a", "1");
  log.put("p/", "b", "2");
  log.erase("p/", "a");
  log.put("p/", "a", "3");
  CHECK_FALSE(log.find("p/a", 0));
  CHECK(log.find("p/a", 1)->value() == "1");
  CHECK(log.find("p/a", 2)->value() == "1");
  CHECK(log.find("p/a", 3)->is_erased);
  CHECK(log.find("p/a", 4)->value() == "3");
  CHECK_FALSE(log.find("p/", 4));
  CHECK_FALSE(log.find("p/aa", 4));
}

TEST_CASE("change log: an erased key differs from an empty value") {
  change_log log;
  log.put("", "a", "");
  log.erase("", "b");
  CHECK_FALSE(log.find("a", 2)->is_erased);
  CHECK(log.find("a", 2)->value().empty());
  CHECK(log.find("b", 2)->is_erased);
}

TEST_CASE("change log: what is truncated was never there, read before or not") {
  change_log log;
  log.put("", "a", "1");
  if (GENERATE(true, false)) CHECK(log.find("a", 1));
  log.put("", "a", "2");
  log.put("", "b", "2");
  if (GENERATE(true, false)) CHECK(log.find("b", 3));
  log.truncate(1);
  CHECK(log.size() == 1);
  CHECK(log.find("a", 9)->value() == "1");
  CHECK_FALSE(log.find("b", 9));
  log.put("", "b", "3");
  CHECK(log.find("b", 9)->value() == "3");
}

TEST_CASE("change log: a log that was appended is empty and may be used again") {
  change_log log;
  change_log batch;
  log.put("", "a", "1");
  batch.put("", "a", "2");
  batch.put("", "b", "3");
  if (GENERATE(true, false)) CHECK(batch.find("b", 2));
  log.append(batch);
  CHECK(batch.size() == 0);
  CHECK_FALSE(batch.find("b", 9));
  batch.put("", "b", "4");
  log.put("", "c", "5");
  CHECK(log.find("a", 1)->value() == "1");
  CHECK(log.find("a", 4)->value() == "2");
  CHECK(log.find("b", 4)->value() == "3");
  CHECK(log.find("c", 4)->value() == "5");
  CHECK(batch.find("b", 1)->value() == "4");
}

TEST_CASE("change log: a range ends before its end and after as many keys as were asked for") {
  change_log log;
  for (const auto* key : {"a", "b", "b", "c", "d"}) log.put("", key, "v");
  CHECK(range_of(log, "b", "d", 5).size() == 2);
  CHECK(range_of(log, "b", "d", 1).empty());
  const auto two = log.range("a", "z", 5, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[1].key() == "b");
}

TEST_CASE("change log: answers as an ordered map does, whatever is written and read in between") {
  std::mt19937_64 chance(7);
  change_log log;
  std::vector<model> after{{}};  // after so many changes
  const auto key = [&] { return "k" + std::to_string(chance() % 20); };
  for (int step = 0; step < 3000; ++step) {
    auto now = after.back();
    const auto k = key();
    switch (chance() % 6) {
      case 0:
        log.erase("", k);
        now[k] = std::nullopt;
        after.push_back(now);
        break;
      case 1: {
        const auto kept = after.size() - 1 - chance() % std::min<std::size_t>(after.size(), 3);
        log.truncate(kept);
        after.resize(kept + 1);
        break;
      }
      case 2: {
        const auto seen = chance() % after.size();
        const auto found = log.find(k, seen);
        const auto at = after[seen].find(k);
        REQUIRE(found.has_value() == (at != after[seen].end()));
        if (found) REQUIRE(as_model({*found}).begin()->second == at->second);
        break;
      }
      case 3: {
        const auto seen = chance() % after.size();
        REQUIRE(range_of(log, "", "l", seen) == after[seen]);
        break;
      }
      default:
        log.put("", k, std::to_string(step));
        now[k] = std::to_string(step);
        after.push_back(now);
    }
    REQUIRE(as_model(log.newest()) == after.back());
  }
}

}  // namespace
}  // namespace troupe::persistence

#include "http/config_listeners.hpp"

#include <catch2/catch.hpp>

#include "http/listening_configs.hpp"
#include "processors/md5.hpp"

namespace troupe::http {

namespace {

using namespace std::chrono_literals;
using processors::md5_hex;

/// A table and its listeners, in a time that only moves when told.
struct waiting {
  explicit waiting(config_listener_limits limits = {}) : listeners(table, limits) {
    table->items_begin();
    table->items_loaded();
    table->watch([this](const config_table::changed_keys& keys) { listeners.changed(keys); });
  }

  void publish(const char* data_id, const char* content) {
    table->item_put({"", "g", data_id}, md5_hex(content));
    table->committed();
  }
  void remove(const char* data_id) {
    table->item_erased({"", "g", data_id});
    table->committed();
  }
  /// Hangs for 10 s; what becomes of it goes to `ends` under `name`.
  config_listeners::listener_id hang(const std::string& name, const std::string& lines) {
    const auto beliefs = read_beliefs(lines);
    REQUIRE(beliefs);
    return listeners.hang(*beliefs, name, now, 10s, [this, name](poll_end how, std::string body) {
      ends.push_back(name + (how == poll_end::changed     ? ": " + body
                             : how == poll_end::timed_out ? " timed out"
                                                          : " refused"));
    });
  }

  std::shared_ptr<config_table> table = std::make_shared<config_table>();
  config_listeners listeners;
  config_listeners::time_point now;
  std::vector<std::string> ends;
};

std::string line(const std::string& data_id, const std::string& md5,
                 const std::string& tenant = {}) {
  return data_id + "\x02g\x02" + md5 + (tenant.empty() ? "" : "\x02" + tenant) + "\x01";
}

using ends = std::vector<std::string>;

}  // namespace

TEST_CASE("a poll that believes what stands hangs until that changes", "[config][listeners]") {
  waiting w;
  w.publish("a", "1");
  w.hang("one", line("a", md5_hex("1")));
  w.publish("b", "x");
  CHECK(w.ends.empty());
  CHECK(w.listeners.size() == 1);
  w.publish("a", "2");
  CHECK(w.ends == ends{"one: a%02g%01"});
  CHECK(w.listeners.empty());
  CHECK(w.listeners.watches() == 0);
}

TEST_CASE("a poll that believes something else is answered at once", "[config][listeners]") {
  waiting w;
  w.publish("a", "1");
  CHECK(w.hang("one", line("a", md5_hex("0")) + line("b", "") + line("c", "x")) == 0);
  CHECK(w.ends == ends{"one: a%02g%01c%02g%01"});
  CHECK(w.listeners.empty());
}

TEST_CASE("an empty digest means that nothing stands", "[config][listeners]") {
  waiting w;
  w.hang("one", line("a", ""));
  CHECK(w.ends.empty());
  w.publish("a", "1");
  CHECK(w.ends == ends{"one: a%02g%01"});
  w.hang("two", line("a", md5_hex("1")));
  w.remove("a");
  CHECK(w.ends.back() == "two: a%02g%01");
}

TEST_CASE("publishing the same content again wakes nobody", "[config][listeners]") {
  waiting w;
  w.publish("a", "1");
  w.hang("one", line("a", md5_hex("1")));
  w.publish("a", "1");
  CHECK(w.ends.empty());
}

TEST_CASE("the answer calls a namespace as the client did", "[config][listeners]") {
  waiting w;
  w.table->item_put({"dev", "g", "a"}, md5_hex("1"));
  w.table->committed();
  const auto of = [&](const char* tenant) {
    const auto believed = line("a", "x", tenant);
    return w.listeners.compare(*read_beliefs(believed));
  };
  CHECK(of("") == "a%02g%01");
  CHECK(of("public") == "a%02g%02public%01");
  CHECK(of("null") == "a%02g%02null%01");
  CHECK(of("dev") == "a%02g%02dev%01");
  std::string out;
  append_changed(out, config_key({"t", "g", "a:b.c"}), tenant_form::own);
  CHECK(out == "a%3Ab.c%02g%02t%01");
}

TEST_CASE("one change answers all who wait for it, and nobody else", "[config][listeners]") {
  waiting w;
  for (const auto* name : {"one", "two", "three"}) w.hang(name, line("a", "") + line("b", ""));
  w.hang("four", line("b", ""));
  w.publish("a", "1");
  std::sort(w.ends.begin(), w.ends.end());
  CHECK(w.ends == ends{"one: a%02g%01", "three: a%02g%01", "two: a%02g%01"});
  CHECK(w.listeners.size() == 1);
  CHECK(w.listeners.watches() == 1);
}

TEST_CASE("what a snapshot brings answers those who believe otherwise", "[config][listeners]") {
  waiting w;
  w.publish("kept", "1");
  w.publish("changed", "1");
  w.publish("gone", "1");
  w.hang("kept", line("kept", md5_hex("1")));
  w.hang("changed", line("changed", md5_hex("1")));
  w.hang("gone", line("gone", md5_hex("1")));
  w.hang("new", line("new", ""));
  w.table->items_begin();
  w.table->item_put({"", "g", "kept"}, md5_hex("1"));
  w.table->item_put({"", "g", "changed"}, md5_hex("2"));
  w.table->item_put({"", "g", "new"}, md5_hex("1"));
  CHECK(w.ends.empty());
  w.table->items_loaded();
  std::sort(w.ends.begin(), w.ends.end());
  CHECK(w.ends == ends{"changed: changed%02g%01", "gone: gone%02g%01", "new: new%02g%01"});
  CHECK(w.table->size() == 3);
}

TEST_CASE("a poll ends empty when its time has come, not before", "[config][listeners]") {
  waiting w;
  w.hang("one", line("a", ""));
  w.now += 5s;
  w.hang("two", line("a", ""));
  w.listeners.expire(w.now + 4'999ms);
  CHECK(w.ends.empty());
  w.listeners.expire(w.now + 5s);
  CHECK(w.ends == ends{"one timed out"});
  w.listeners.expire(w.now + 10s);
  CHECK(w.ends == ends{"one timed out", "two timed out"});
  CHECK(w.listeners.empty());
}

TEST_CASE("a poll whose client has gone is forgotten", "[config][listeners]") {
  waiting w;
  const auto id = w.hang("one", line("a", "") + line("b", ""));
  w.listeners.drop(id);
  w.listeners.drop(id);
  w.listeners.drop(0);
  w.publish("a", "1");
  w.listeners.expire(w.now + 1h);
  CHECK(w.ends.empty());
  CHECK(w.listeners.watches() == 0);
}

TEST_CASE("a poll that names a configuration twice is answered once", "[config][listeners]") {
  waiting w;
  w.hang("one", line("a", "") + line("a", "", "public"));
  w.publish("a", "1");
  CHECK(w.ends.size() == 1);
  CHECK(w.listeners.watches() == 0);
}

TEST_CASE("beyond the limit polls are refused after one to three seconds", "[config][listeners]") {
  waiting w({2, 1'000});
  w.hang("one", line("a", ""));
  w.hang("two", line("a", ""));
  for (int i = 0; i < 20; ++i) w.hang("more", line("a", ""));
  CHECK(w.listeners.size() == 2);
  w.listeners.expire(w.now + 999ms);
  CHECK(w.ends.empty());
  w.listeners.expire(w.now + 3s);
  CHECK(w.ends == ends(20, "more refused"));
  w.publish("a", "1");
  CHECK(w.ends.size() == 22);
}

TEST_CASE("the configurations waited for are limited in all", "[config][listeners]") {
  waiting w({100, 3});
  w.hang("one", line("a", "") + line("b", ""));
  w.hang("two", line("a", "") + line("b", ""));
  w.hang("three", line("a", ""));
  CHECK(w.listeners.watches() == 3);
  w.listeners.expire(w.now + 3s);
  CHECK(w.ends == ends{"two refused"});
}

TEST_CASE("it can be seen who waits for what", "[config][listeners]") {
  waiting w;
  w.hang("10.0.0.1", line("a", ""));
  w.hang("10.0.0.2", line("a", "") + line("b", ""));
  auto who = w.listeners.listeners(config_key({"", "g", "a"}));
  std::sort(who.begin(), who.end());
  CHECK(who == ends{"10.0.0.1", "10.0.0.2"});
  auto what = w.listeners.listened_by("10.0.0.2");
  std::sort(what.begin(), what.end());
  CHECK(what == ends{config_key({"", "g", "a"}), config_key({"", "g", "b"})});
  CHECK(w.listeners.listeners("none").empty());
}

TEST_CASE("the table counts the configurations of each namespace", "[config][listeners]") {
  waiting w;
  w.publish("a", "1");
  w.publish("a", "2");
  w.publish("b", "1");
  w.table->item_put({"dev", "g", "a"}, md5_hex("1"));
  CHECK(w.table->size("") == 2);
  CHECK(w.table->size("dev") == 1);
  CHECK(w.table->size("none") == 0);
  w.remove("a");
  CHECK(w.table->size("") == 1);
  CHECK(w.table->md5(config_key({"", "g", "b"})) == md5_hex("1"));
  CHECK(w.table->md5(config_key({"", "g", "a"})).empty());
}

TEST_CASE("what clients believe is read line by line", "[config][listeners]") {
  const auto text = line("a", "m") + line("b", "", "dev") + line("c", "", "public");
  const auto read = read_beliefs(text);
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK((*read)[0].key == config_key({"", "g", "a"}));
  CHECK((*read)[0].md5 == "m");
  CHECK((*read)[0].form == tenant_form::absent);
  CHECK((*read)[1].key == config_key({"dev", "g", "b"}));
  CHECK((*read)[1].form == tenant_form::own);
  CHECK((*read)[2].key == config_key({"", "g", "c"}));
  CHECK((*read)[2].form == tenant_form::text_public);
}

TEST_CASE("lines that say nothing are refused", "[config][listeners]") {
  using namespace std::string_literals;
  for (const auto& bad : {""s, "a"s, "a\x02g\x01"s, "a\x02g\x02m\x02t\x02x\x01"s, "\x02g\x02m\x01"s,
                          "a\x02\x02m\x01"s, "a b\x02g\x02m\x01"s, "a\x02g\x02m\x02t/t\x01"s,
                          "\x01"s, line("a", "") + "\x01"}) {
    const auto read = read_beliefs(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error() == "invalid probeModify");
  }
  std::string many;
  for (std::size_t i = 0; i < config_listeners::keys_max; ++i) many += line(std::to_string(i), "");
  CHECK(read_beliefs(many)->size() == config_listeners::keys_max);
  many += line("one-more", "");
  CHECK(read_beliefs(many).error() == "Listening-Configs has more than 10000 configurations");
}

TEST_CASE("a field that was encoded twice is decoded twice", "[config][listeners]") {
  CHECK(decode_listening("a%02g%02m%01") == "a\x02g\x02m\x01");
  CHECK(decode_listening("a\x02g\x02m\x01") == "a\x02g\x02m\x01");
  CHECK(decode_listening("a%02%zz") == "a%02%zz");
}

}  // namespace troupe::http

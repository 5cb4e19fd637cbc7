// Names: asked for once, remembered for a while, and bounded.
#include "naming/name_lookup.hpp"

#include <catch2/catch.hpp>
#include <future>

using namespace troupe::naming;
using namespace std::chrono_literals;
using boost::asio::ip::make_address;

namespace {

struct rig {
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);
  std::promise<void> gate;
  name_lookup_options options;

  rig() {
    options.ask = [n = asked, open = gate.get_future().share()](const std::string& name) {
      ++*n;
      open.wait();
      return name == "gone" ? host_addresses{{}, "Host not found", false}
                            : host_addresses{{make_address("127.0.0.7")}, {}, false};
    };
  }
};

std::future<host_addresses> ask(name_lookup& names, const std::string& name) {
  auto said = std::make_shared<std::promise<host_addresses>>();
  names.resolve(name, [said](host_addresses a) { said->set_value(std::move(a)); });
  return said->get_future();
}

std::string text_of(const host_addresses& a) {
  return a.found.empty() ? a.why : a.found.front().to_string();
}

}  // namespace

TEST_CASE("an address needs no resolver") {
  rig r;
  name_lookup names(r.options);
  CHECK(text_of(ask(names, "10.0.0.1").get()) == "10.0.0.1");
  CHECK(text_of(ask(names, "::1").get()) == "::1");
  CHECK(*r.asked == 0);
  r.gate.set_value();
}

TEST_CASE("many who want one name have it asked for once, and it is remembered") {
  rig r;
  name_lookup names(r.options);
  auto first = ask(names, "a");
  auto second = ask(names, "a");
  r.gate.set_value();
  CHECK(text_of(first.get()) == "127.0.0.7");
  CHECK(text_of(second.get()) == "127.0.0.7");
  CHECK(text_of(ask(names, "a").get()) == "127.0.0.7");
  CHECK(*r.asked == 1);
  CHECK(text_of(ask(names, "gone").get()) == "Host not found");
  CHECK(text_of(ask(names, "gone").get()) == "Host not found");
  CHECK(*r.asked == 2);
}

TEST_CASE("a name that is asked for again is answered with what is known meanwhile") {
  rig r;
  r.options.kept = 0ms;
  r.gate.set_value();
  const auto hold = std::make_shared<std::promise<void>>();
  r.options.ask = [n = r.asked, open = hold->get_future().share()](const std::string&) {
    if (++*n > 1) open.wait();
    return host_addresses{{make_address("127.0.0.7")}, {}, false};
  };
  name_lookup names(r.options);
  ask(names, "a").get();
  CHECK(text_of(ask(names, "a").get()) == "127.0.0.7");
  while (*r.asked < 2) std::this_thread::yield();
  hold->set_value();
}

TEST_CASE("beyond the limits nobody waits: what cannot be asked for is said so") {
  rig r;
  r.options.threads = 1;
  r.options.jobs_max = 2;
  r.options.names_max = 3;
  name_lookup names(r.options);
  auto a = ask(names, "a");
  auto b = ask(names, "b");
  CHECK(ask(names, "c").get().overloaded);
  CHECK(ask(names, "d").get().overloaded);
  r.gate.set_value();
  CHECK(text_of(a.get()) == "127.0.0.7");
  CHECK(text_of(b.get()) == "127.0.0.7");
}

// The catalogue: what three groups tell, joined; what one does not tell again is gone.
#include "naming/catalogue.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <thread>

using namespace troupe::naming;
namespace told = troupe::processors::naming;

namespace {

const service_key orders{"public", "g", "orders"};

told::instance instance(std::string_view ip, std::uint16_t port = 80) {
  told::instance i;
  i.ip = ip;
  i.port = port;
  return i;
}

host ephemeral(const std::string& ip) {
  host h;
  h.ip = ip;
  h.port = 80;
  h.cluster = "DEFAULT";
  h.ephemeral = true;
  return h;
}

/// Everything of the namespace as text: "g@@orders persistent 10.0.0.1:80#false w=1".
std::string text_of(const catalogue& c, std::string_view namespace_id = "public") {
  std::string out;
  c.each(namespace_id, [&](const service_ptr& s) {
    out += s->key.grouped() + (s->ephemeral ? " ephemeral" : " persistent");
    for (const auto& h : s->hosts) {
      out += ' ' + h->client() + (h->enabled ? "" : " off") + (h->has_overlay ? " overlay" : "");
    }
    out += '\n';
    return true;
  });
  return out;
}

struct rig {
  catalogue c;
  std::vector<service_key> changed;

  rig() {
    c.watch([this](const service_key& key) { changed.push_back(key); });
  }
  void enroll(const std::string& ip, const service_key& key = orders) {
    c.service_put(key.view(), {});
    c.instance_put(key.view(), instance(ip));
    c.committed();
  }
};

}  // namespace

TEST_CASE("a service is there from its record on, with its hosts in order, until it is erased") {
  rig r;
  CHECK(r.c.find(orders) == nullptr);
  r.enroll("10.0.0.2");
  r.enroll("10.0.0.1");
  CHECK(text_of(r.c) == "g@@orders persistent 10.0.0.1:80#false 10.0.0.2:80#false\n");
  r.c.instance_erased(orders.view(), "10.0.0.1:80#false");
  r.c.instance_erased(orders.view(), "10.0.0.2:80#false");
  r.c.committed();
  REQUIRE(r.c.find(orders));
  CHECK(r.c.find(orders)->hosts.empty());
  r.c.service_erased(orders.view());
  r.c.committed();
  CHECK(r.c.find(orders) == nullptr);
  CHECK(r.c.counts().services == 0);
  CHECK(r.c.counts().instances == 0);
}

TEST_CASE("who watches hears once a step and service, when the change is visible") {
  catalogue c;
  std::vector<std::size_t> seen;
  c.watch([&](const service_key& key) { seen.push_back(c.find(key)->hosts.size()); });
  c.service_put(orders.view(), {});
  c.instance_put(orders.view(), instance("10.0.0.1"));
  c.instance_put(orders.view(), instance("10.0.0.2"));
  CHECK(seen.empty());
  c.committed();
  CHECK(seen == std::vector<std::size_t>{2});
  c.committed();
  CHECK(seen.size() == 1);
}

TEST_CASE("a snapshot of a service never changes, and is shared until the service does") {
  rig r;
  r.enroll("10.0.0.1");
  const auto before = r.c.find(orders);
  CHECK(r.c.find(orders) == before);
  r.enroll("10.0.0.2");
  CHECK(before->hosts.size() == 1);
  const auto after = r.c.find(orders);
  CHECK(after->hosts.size() == 2);
  CHECK(after->revision > before->revision);
  CHECK(after->hosts[0] == before->hosts[0]);
}

TEST_CASE("an overlay replaces weight and enabled and is merged over the metadata") {
  rig r;
  r.c.service_put(orders.view(), {});
  auto i = instance("10.0.0.1");
  i.metadata = {{"a", "1"}, {"b", "2"}};
  r.c.instance_put(orders.view(), i);
  told::instance_overlay overlay;
  overlay.enabled = false;
  overlay.weight = 7;
  overlay.metadata = {{"b", "3"}, {"c", "4"}};
  r.c.overlay_put(orders.view(), "10.0.0.1:80:DEFAULT", overlay);
  const auto& h = *r.c.find(orders)->hosts.at(0);
  CHECK_FALSE(h.enabled);
  CHECK(h.weight == 7);
  CHECK(h.metadata == text_map{{"a", "1"}, {"b", "3"}, {"c", "4"}});
  r.c.overlay_erased(orders.view(), "10.0.0.1:80:DEFAULT");
  CHECK(r.c.find(orders)->hosts.at(0)->metadata == text_map{{"a", "1"}, {"b", "2"}});
  CHECK(r.c.find(orders)->hosts.at(0)->weight == 1);
}

TEST_CASE("what an overlay does not set stays as it is registered, also anew") {
  rig r;
  r.c.service_put(orders.view(), {});
  auto i = instance("10.0.0.1");
  i.weight = 3;
  i.enabled = false;
  r.c.instance_put(orders.view(), i);
  told::instance_overlay overlay;
  overlay.metadata = {{"a", "1"}};
  r.c.overlay_put(orders.view(), "10.0.0.1:80:DEFAULT", overlay);
  CHECK(r.c.find(orders)->hosts.at(0)->weight == 3);
  CHECK_FALSE(r.c.find(orders)->hosts.at(0)->enabled);
  i.weight = 5;
  r.c.instance_put(orders.view(), i);
  CHECK(r.c.find(orders)->hosts.at(0)->weight == 5);
  CHECK(r.c.find(orders)->hosts.at(0)->metadata == text_map{{"a", "1"}});
}

TEST_CASE("an overlay is of one cluster: the same address in another is another instance") {
  rig r;
  r.c.overlay_put(orders.view(), "10.0.0.1:80:west", {});
  r.enroll("10.0.0.1");
  CHECK(text_of(r.c) == "g@@orders persistent 10.0.0.1:80#false\n");
  auto west = instance("10.0.0.1");
  west.cluster = "west";
  r.c.instance_put(orders.view(), west);
  CHECK(text_of(r.c) == "g@@orders persistent 10.0.0.1:80#false overlay\n");
}

TEST_CASE("settings and overlays wait for their service and create none") {
  rig r;
  r.c.settings_put(orders.view(), {});
  r.c.overlay_put(orders.view(), "10.0.0.1:80:DEFAULT", {});
  r.c.committed();
  CHECK(r.c.find(orders) == nullptr);
  CHECK(text_of(r.c).empty());
  r.enroll("10.0.0.1");
  CHECK(r.c.find(orders)->settings);
  CHECK(r.c.find(orders)->hosts.at(0)->has_overlay);
}

TEST_CASE("a group that begins again takes away what it does not tell again, and only that") {
  rig r;
  const service_key gone{"public", "g", "gone"};
  r.enroll("10.0.0.1");
  r.enroll("10.0.0.2");
  r.enroll("10.0.0.9", gone);
  r.c.settings_put(orders.view(), {});
  r.c.put_ephemeral({"public", "g", "here"}, ephemeral("10.1.0.1"));
  r.changed.clear();

  r.c.instances_begin();
  r.enroll("10.0.0.2");
  CHECK(r.c.find(orders)->hosts.size() == 2);  // until all is told
  r.c.instances_loaded();
  r.changed.clear();
  r.c.committed();
  CHECK(text_of(r.c) ==
        "g@@here ephemeral 10.1.0.1:80#true\ng@@orders persistent 10.0.0.2:80#false\n");
  CHECK(r.c.find(orders)->settings);
  CHECK(r.changed == std::vector<service_key>{gone, orders});
  CHECK(r.c.published_by("10.0.0.9:80#false").empty());

  r.c.settings_begin();
  r.c.settings_loaded();
  CHECK_FALSE(r.c.find(orders)->settings);
}

TEST_CASE("an ephemeral service is as long as somebody is in it, and watched like the others") {
  rig r;
  CHECK_FALSE(r.c.put_ephemeral(orders, ephemeral("10.0.0.1")));
  CHECK(r.c.find(orders)->ephemeral);
  CHECK(r.changed == std::vector<service_key>{orders});
  CHECK(r.c.counts().ephemeral_instances == 1);
  CHECK_FALSE(r.c.erase_ephemeral(orders, "10.0.0.2:80#true"));
  CHECK(r.c.erase_ephemeral(orders, "10.0.0.1:80#true"));
  CHECK(r.c.find(orders) == nullptr);
  CHECK(r.c.counts().ephemeral_instances == 0);
  CHECK(r.changed.size() == 2);
}

TEST_CASE(
    "a persistent service takes no ephemeral instance, and drives those out that were there") {
  rig r;
  r.c.put_ephemeral(orders, ephemeral("10.0.0.1"));
  r.enroll("10.0.0.2");
  CHECK(text_of(r.c) == "g@@orders persistent 10.0.0.2:80#false\n");
  CHECK(r.c.put_ephemeral(orders, ephemeral("10.0.0.1")) == ephemeral_refusal::persistent_service);
  CHECK_FALSE(r.c.erase_ephemeral(orders, "10.0.0.2:80#false"));
  CHECK(r.c.counts().ephemeral_instances == 0);
  CHECK(r.c.counts().instances == 1);
}

TEST_CASE("a client is known by all services that it is in") {
  rig r;
  r.enroll("10.0.0.1");
  r.enroll("10.0.0.1", {"dev", "g", "a"});
  const std::string client = "10.0.0.1:80#false";
  CHECK(r.c.published_by(client) ==
        std::vector<service_key>{{"dev", "g", "a"}, {"public", "g", "orders"}});
  CHECK(r.c.clients() == std::vector<std::string>{client});
  r.c.instance_erased(orders.view(), client);
  CHECK(r.c.published_by(client) == std::vector<service_key>{{"dev", "g", "a"}});
}

TEST_CASE("namespaces are told apart, and a visitor stops when it says so") {
  rig r;
  r.enroll("10.0.0.1");
  r.enroll("10.0.0.1", {"public", "a", "z"});
  r.enroll("10.0.0.1", {"publicity", "g", "orders"});
  CHECK(text_of(r.c) ==
        "a@@z persistent 10.0.0.1:80#false\ng@@orders persistent 10.0.0.1:80#false\n");
  int visited = 0;
  r.c.each("public", [&](const service_ptr&) { return ++visited < 1; });
  CHECK(visited == 1);
}

TEST_CASE("the catalogue is loaded when each of its three groups has told all") {
  catalogue c;
  c.instances_begin();
  c.instances_loaded();
  c.overlays_loaded();
  CHECK_FALSE(c.is_loaded());
  c.settings_loaded();
  CHECK(c.is_loaded());
}

TEST_CASE("whatever is told in whatever order, counts and content are those of a plain model") {
  std::mt19937 chance(7);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(chance() % n); };
  for (int round = 0; round < 50; ++round) {
    catalogue c;
    std::map<service_key, std::map<std::string, bool>> model;  // client → has an overlay
    std::map<service_key, std::set<std::string>> overlays;
    for (int step = 0; step < 300; ++step) {
      const service_key key{"public", "g", std::string(1, static_cast<char>('a' + below(3)))};
      const auto ip = "10.0.0." + std::to_string(below(4));
      const auto client = ip + ":80#false";
      const auto tag = ip + ":80:DEFAULT";
      switch (below(5)) {
        case 0:
          c.service_put(key.view(), {});
          c.instance_put(key.view(), instance(ip));
          model[key][client] = overlays[key].contains(tag);
          break;
        case 1:
          c.instance_erased(key.view(), client);
          if (model.contains(key)) model[key].erase(client);
          break;
        case 2:
          if (model.contains(key) && model[key].empty()) {
            c.service_erased(key.view());
            model.erase(key);
          }
          break;
        case 3:
          c.overlay_put(key.view(), tag, {});
          overlays[key].insert(tag);
          if (model.contains(key) && model[key].contains(client)) model[key][client] = true;
          break;
        default:
          c.overlay_erased(key.view(), tag);
          overlays[key].erase(tag);
          if (model.contains(key) && model[key].contains(client)) model[key][client] = false;
      }
    }
    std::string expected;
    std::size_t instances = 0;
    for (const auto& [key, clients] : model) {
      expected += key.grouped() + " persistent";
      for (const auto& [client, laid] : clients)
        expected += ' ' + client + (laid ? " overlay" : "");
      expected += '\n';
      instances += clients.size();
    }
    REQUIRE(text_of(c) == expected);
    REQUIRE(c.counts().services == model.size());
    REQUIRE(c.counts().instances == instances);
  }
}

TEST_CASE("readers see whole services while others change them") {
  catalogue c;
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::thread reader([&] {
    while (!done) {
      const auto s = c.find(orders);
      if (!s) continue;
      for (const auto& h : s->hosts) torn += h->cluster == "DEFAULT" ? 0 : 1;
      c.each("public", [](const service_ptr&) { return true; });
    }
  });
  c.service_put(orders.view(), {});
  for (std::uint16_t i = 0; i < 5'000; ++i) {
    c.instance_put(orders.view(), instance("10.0.0.1", i % 50));
    if (i % 3 == 0) c.instance_erased(orders.view(), told::client_id("10.0.0.1", i % 50));
    c.committed();
  }
  done = true;
  reader.join();
  CHECK(torn == 0);
}

TEST_CASE("stamps of answers rise with what they show, and follow the clock otherwise") {
  rig r;
  const auto stamp = [&r](std::uint64_t now_ms) {
    return r.c.reference_time(orders, r.c.find(orders), now_ms);
  };
  CHECK(stamp(1'000) == 1'000);  // nobody knows it
  CHECK(stamp(1'000) == 1'000);
  r.enroll("10.0.0.1");
  CHECK(stamp(1'000) == 1'001);
  CHECK(stamp(1'000) == 1'001);
  CHECK(stamp(1'500) == 1'500);
  r.enroll("10.0.0.2");
  r.enroll("10.0.0.3");
  CHECK(stamp(1'500) == 1'501);
  CHECK(stamp(900) == 1'501);  // the clock was set back
  r.c.instances_begin();
  r.c.instances_loaded();
  CHECK(stamp(1'500) == 1'502);  // gone
  r.enroll("10.0.0.1");
  CHECK(stamp(1'500) == 1'503);
}

TEST_CASE("an answer that shows an older state is stamped apart from one that shows a newer") {
  rig r;
  r.enroll("10.0.0.1");
  const auto older = r.c.find(orders);
  r.enroll("10.0.0.2");
  CHECK(r.c.reference_time(orders, r.c.find(orders), 1'000) == 1'000);
  CHECK(r.c.reference_time(orders, older, 1'000) == 1'001);
  CHECK(r.c.reference_time(orders, r.c.find(orders), 1'000) == 1'002);
}

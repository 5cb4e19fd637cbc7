// Persistent instances over the v1 API, byte for byte as its clients read them.
#include "tests/http/naming_client.hpp"

using namespace troupe;
using test::has;
using test::last_ref_time;
using test::naming_client;
using test::running_server;

TEST_CASE("a registration is answered with exactly ok and shows in the list") {
  running_server s;
  naming_client c(s);
  const auto r = c.enroll();
  CHECK(r.status == 200);
  CHECK(r.body == "ok");
  CHECK(r.header("Content-Type") == "text/plain;charset=UTF-8");
  const auto l = c.http().get(c.v1 + "/list?serviceName=orders");
  CHECK(l.header("Content-Type") == "application/json;charset=UTF-8");
  CHECK(
      l.body ==
      R"({"name":"DEFAULT_GROUP@@orders","groupName":"DEFAULT_GROUP","clusters":"",)"
      R"("cacheMillis":10000,"hosts":[{"instanceId":"10.0.0.1#8080#DEFAULT#DEFAULT_GROUP@@orders",)"
      R"("ip":"10.0.0.1","port":8080,"weight":1.0,"healthy":true,"enabled":true,)"
      R"("ephemeral":false,"clusterName":"DEFAULT","serviceName":"DEFAULT_GROUP@@orders",)"
      R"("metadata":{},"instanceHeartBeatInterval":5000,"instanceHeartBeatTimeOut":15000,)"
      R"("ipDeleteTimeout":30000,"instanceIdGenerator":"simple"}],)"
      R"("lastRefTime":1700000000000,"checksum":"","allIPs":false,)"
      R"("reachProtectionThreshold":false,"valid":true})");
}

TEST_CASE("the list of an unknown service is empty, not an error") {
  running_server s;
  CHECK(naming_client(s).call("GET", "/list?serviceName=g@@none&clusters=a,b").body ==
        R"({"name":"g@@none","groupName":"g","clusters":"a,b","cacheMillis":10000,"hosts":[],)"
        R"("lastRefTime":1700000000000,"checksum":"","allIPs":false,)"
        R"("reachProtectionThreshold":false,"valid":true})");
}

TEST_CASE("parameters come from query, from form and from both, the query first") {
  running_server s;
  naming_client c(s);
  const auto form = c.http().form("POST", c.v1,
                                  "serviceName=orders&ip=10.0.0.1&port=8080&ephemeral=false"
                                  "&metadata=%7B%22zone%22%3A%22a+b%22%7D");
  CHECK(form.body == "ok");
  CHECK(has(c.list(), R"("metadata":{"zone":"a b"})"));
  CHECK(c.http()
            .form("POST", c.v1 + "?serviceName=orders&ip=10.0.0.2&port=1",
                  "ip=10.0.0.3&port=2&ephemeral=false")
            .body == "ok");
  CHECK(has(c.list(), R"("ip":"10.0.0.2","port":1,)"));
  CHECK_FALSE(has(c.list(), "10.0.0.3"));
  // A body that is no form is no parameters.
  CHECK(c.http()
            .send("POST", c.v1 + "?serviceName=orders&ip=10.0.0.9&port=1", "ephemeral=false",
                  {{"Content-Type", "text/plain"}})
            .status == 400);
}

TEST_CASE("values are trimmed and blank ones take their default") {
  running_server s;
  naming_client c(s);
  CHECK(c.enroll("&namespaceId=&groupName=%20&clusterName=&weight=&enabled=&metadata=%20").body ==
        "ok");
  CHECK(has(c.list("&namespaceId=public&groupName=%20DEFAULT_GROUP%20"), R"("ip":"10.0.0.1")"));
}

TEST_CASE("services are told apart by namespace and service group") {
  running_server s;
  naming_client c(s);
  c.enroll("&namespaceId=dev&groupName=g");
  CHECK(has(c.list(), R"("hosts":[])"));
  CHECK(has(c.list("&namespaceId=dev"), R"("hosts":[])"));
  CHECK(has(c.list("&namespaceId=dev&groupName=g"), R"("name":"g@@orders","groupName":"g",)"));
  // A name that carries its group wins over groupName.
  CHECK(has(c.http().get(c.v1 + "/list?serviceName=g@@orders&groupName=other&namespaceId=dev").body,
            R"("serviceName":"g@@orders")"));
}

TEST_CASE("both spellings of enabled are understood, and every spelling of a boolean") {
  running_server s;
  naming_client c(s);
  for (const auto* off : {"&enabled=false", "&enable=false", "&enabled=No", "&enable=OFF",
                          "&enabled=f&enable=true"}) {
    c.enroll(off);
    CHECK(has(c.list(), R"("hosts":[])"));
    c.enroll("&enabled=True&enable=false");
    CHECK(has(c.list(), R"("enabled":true)"));
  }
  c.enroll("&enabled=nonsense");  // counts as not given
  CHECK(has(c.list(), R"("enabled":true)"));
}

TEST_CASE("clusters select and are echoed byte for byte") {
  running_server s;
  naming_client c(s);
  c.enroll("&clusterName=west");
  c.http().send("POST",
                c.v1 + "?serviceName=orders&ip=10.0.0.2&port=1&ephemeral=false&cluster=east");
  const auto both = c.list("&clusters=west%2C%20east,,none");
  CHECK(has(both, R"("clusters":"west, east,,none")"));
  CHECK(has(both, "10.0.0.1#8080#west"));
  CHECK(has(both, "10.0.0.2#1#east"));
  CHECK_FALSE(has(c.list("&clusters=east"), "10.0.0.1"));
  CHECK(has(c.list("&clusters=DEFAULT"), R"("hosts":[])"));
  std::string many = "&clusters=";
  for (int i = 0; i < 1'025; ++i) many += "c,";
  CHECK(c.list(many) == "Param 'clusters' is illegal, it names more than 1024 clusters.");
}

TEST_CASE("unhealthy hosts are listed unless healthyOnly, disabled ones never") {
  running_server s;
  naming_client c(s);
  c.enroll("&healthy=false&weight=0.5");
  CHECK(has(c.list(), R"("weight":0.5,"healthy":false)"));
  CHECK(has(c.list("&healthyOnly=True"), R"("hosts":[])"));
  CHECK(has(c.list("&healthyOnly=yes"), R"("healthy":false)"));
}

TEST_CASE("weights always have a decimal point") {
  running_server s;
  naming_client c(s);
  c.enroll("&weight=10000");
  CHECK(has(c.list(), R"("weight":10000.0,)"));
  c.enroll("&weight=0");
  CHECK(has(c.list(), R"("weight":0.0,)"));
  c.enroll("&weight=1e2");
  CHECK(has(c.list(), R"("weight":100.0,)"));
}

TEST_CASE("metadata is a JSON object or pairs, and its reserved keys show in the host") {
  running_server s;
  naming_client c(s);
  c.enroll(
      "&metadata=%7B%22preserved.heart.beat.interval%22%3A%221000%22%2C%22preserved.heart."
      "beat.timeout%22%3A3000%2C%22preserved.ip.delete.timeout%22%3A%224000%22%7D");
  CHECK(has(c.list(), R"("instanceHeartBeatInterval":1000,"instanceHeartBeatTimeOut":3000,)"
                      R"("ipDeleteTimeout":4000)"));
  c.enroll("&metadata=b=2,a=1");
  CHECK(has(c.list(), R"("metadata":{"a":"1","b":"2"})"));
}

TEST_CASE("a generated instance id is made once, by the proposer") {
  running_server s;
  naming_client c(s);
  const std::string snowflake = "&metadata=preserved.instance.id.generator=snowflake";
  const bool ephemeral = GENERATE(false, true);
  const auto enroll = [&](const std::string& more) {
    ephemeral ? c.enroll_ephemeral(snowflake + more) : c.enroll(snowflake + more);
  };
  enroll("");
  const auto body = c.list();
  CHECK(has(body, R"("instanceIdGenerator":"snowflake")"));
  CHECK(has(body, "#DEFAULT#DEFAULT_GROUP@@orders\",\"ip\""));
  CHECK_FALSE(has(body, "#8080#"));
  CHECK(c.list() == body);
  const auto id = [](const std::string& from) { return from.substr(0, from.find("\",\"ip\"")); };
  *s.now_ms += 1;
  enroll("&weight=2");
  CHECK(has(c.list(), R"("weight":2.0)"));
  CHECK(id(c.list()) == id(body));
  enroll("&clusterName=west");  // another instance of the same client
  CHECK(has(c.list(), "#west#DEFAULT_GROUP@@orders\",\"ip\""));
}

TEST_CASE("registering again replaces, but keeps the committed health") {
  running_server s;
  naming_client c(s);
  c.enroll("&healthy=false");
  c.enroll("&healthy=true&weight=2");
  CHECK(has(c.list(), R"("weight":2.0,"healthy":false)"));
  c.enroll("&clusterName=west");
  CHECK(has(c.list(), "10.0.0.1#8080#west"));
  CHECK_FALSE(has(c.list(), "10.0.0.1#8080#DEFAULT"));
}

TEST_CASE("a deregistration is ok also when nothing was registered") {
  running_server s;
  naming_client c(s);
  const std::string target = c.v1 + "?serviceName=orders&ip=10.0.0.1&port=8080";
  CHECK(c.http().send("DELETE", target + "&ephemeral=false").body == "ok");
  c.enroll();
  SECTION("for a persistent instance by name") {
    CHECK(c.http()
              .form("DELETE", c.v1, "serviceName=orders&ip=10.0.0.1&port=8080&ephemeral=false")
              .body == "ok");
    CHECK(has(c.list(), R"("hosts":[])"));
  }
  SECTION("without saying which kind: the persistent one goes") {
    CHECK(c.http().send("DELETE", target).body == "ok");
    CHECK(has(c.list(), R"("hosts":[])"));
  }
  SECTION("an explicit true keeps its meaning: the persistent one stays") {
    CHECK(c.http().send("DELETE", target + "&ephemeral=true").body == "ok");
    CHECK(has(c.list(), "10.0.0.1"));
  }
}

TEST_CASE("one instance is shown, or told why not") {
  running_server s;
  naming_client c(s);
  const std::string one = c.v1 + "?serviceName=orders&ip=10.0.0.1&port=8080";
  auto r = c.http().get(one);
  CHECK(r.status == 404);
  CHECK(r.body == "no ips found for cluster DEFAULT in service DEFAULT_GROUP@@orders");
  c.enroll("&metadata=a=1");
  r = c.http().get(one);
  CHECK(r.status == 200);
  CHECK(r.body ==
        R"({"service":"DEFAULT_GROUP@@orders","ip":"10.0.0.1","port":8080,)"
        R"("clusterName":"DEFAULT","weight":1.0,"healthy":true,)"
        R"("instanceId":"10.0.0.1#8080#DEFAULT#DEFAULT_GROUP@@orders","metadata":{"a":"1"}})");
  r = c.http().get(one + "&cluster=west");
  CHECK(r.status == 404);
  CHECK(r.body == "no matched ip found!");
  CHECK(c.http().get(c.v1 + "?serviceName=orders&ip=10.0.0.9&port=8080").body ==
        "no matched ip found!");
}

TEST_CASE("where nobody probes the health is what the client says") {
  running_server s;
  naming_client c(s);
  processors::naming::service_settings settings;
  settings.clusters["DEFAULT"].checker.type = "NONE";
  s.cluster->catalogue->settings_put({"public", "DEFAULT_GROUP", "orders"}, settings);
  s.cluster->catalogue->committed();
  c.enroll("&healthy=false");
  c.enroll("&healthy=true");
  CHECK(has(c.list(), R"("healthy":true)"));
}

TEST_CASE("when too few are healthy all are shown as healthy, and the catalogue shows the truth") {
  running_server s;
  naming_client c(s);
  c.enroll("&healthy=false");
  CHECK(has(c.list(), R"("healthy":false)"));
  s.cluster->catalogue->settings_put({"public", "DEFAULT_GROUP", "orders"}, {});
  s.cluster->catalogue->committed();
  const auto shown = c.list();
  CHECK(has(shown, R"("healthy":true)"));
  CHECK(has(shown, R"("reachProtectionThreshold":true)"));
  CHECK(has(c.list("&healthyOnly=true"), R"("hosts":[])"));
  CHECK(has(c.http()
                .get("/nacos/v1/ns/catalog/instances?serviceName=orders&clusterName=DEFAULT"
                     "&pageNo=1&pageSize=9")
                .body,
            R"("healthy":false)"));
}

TEST_CASE("lastRefTime follows the clock, and rises with each change when that stands still") {
  running_server s;
  naming_client c(s);
  c.enroll();
  const auto first = last_ref_time(c.list());
  CHECK(last_ref_time(c.list()) == first);
  c.enroll("&weight=2");
  CHECK(last_ref_time(c.list()) == first + 1);
  *s.now_ms += 5'000;
  CHECK(last_ref_time(c.list()) == first + 5'000);
  *s.now_ms -= 60'000;
  CHECK(last_ref_time(c.list()) == first + 5'000);
  c.call("DELETE", "?serviceName=orders&ip=10.0.0.1&port=8080");
  CHECK(last_ref_time(c.list()) == first + 5'001);
}

TEST_CASE("the state of all instances of a service is told, also of disabled ones") {
  running_server s;
  naming_client c(s);
  c.enroll("&namespaceId=dev&healthy=false");
  c.http().send("POST", c.v1 +
                            "?serviceName=orders&ip=10.0.0.9&port=1&ephemeral=false"
                            "&namespaceId=dev&enabled=false");
  const std::string told = R"({"ips":["10.0.0.1:8080_false","10.0.0.9:1_true"]})";
  for (const auto* method : {"GET", "POST", "PUT"}) {
    CHECK(c.call(method, "/statuses?key=dev%23%23DEFAULT_GROUP@@orders").body == told);
  }
  CHECK(c.call_v2("GET", "/statuses/dev%23%23DEFAULT_GROUP@@orders").body == told);
  CHECK(c.call("GET", "/statuses?key=DEFAULT_GROUP@@orders").body == R"({"ips":[]})");
  const auto missing = c.call("GET", "/statuses");
  CHECK(missing.status == 400);
  CHECK(missing.body == "Parameter 'key' is missing");
  const auto plain = c.call("GET", "/statuses?key=orders");
  CHECK(plain.status == 400);
  CHECK(plain.body ==
        "Param 'serviceName' is illegal, it should be format as 'groupName@@serviceName'");
  CHECK(c.call_v2("GET", "/statuses/orders").body ==
        test::v2_refusal(21'000, "service name error", plain.body));
}

namespace {

class recorded_subscriptions final : public naming::subscriptions {
 public:
  naming::subscription_outcome subscribe(const naming::service_key& key,
                                         const naming::subscriber& who) override {
    const std::lock_guard lock(mutex_);
    seen_ += key.namespace_id + ' ' + key.grouped() + ' ' + who.address() + ' ' + who.agent + ' ' +
             who.app + ' ' + who.clusters + '\n';
    return naming::subscription_outcome::accepted;
  }
  std::vector<naming::subscriber> subscribers(const naming::service_key&) const override {
    return {};
  }
  std::vector<naming::service_key> subscribed_by(std::string_view) const override { return {}; }
  std::vector<std::string> subscribed_clients() const override { return {}; }
  naming::push_counts counts() const override { return {}; }

  std::string seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::string seen_;
};

}  // namespace

TEST_CASE("who polls with a port for pushes is subscribed") {
  const auto seen = std::make_shared<recorded_subscriptions>();
  http::naming_services services;
  services.subscriptions = seen;
  running_server s({}, services);
  naming_client c(s);
  const std::string poll = c.v1 + "/list?serviceName=orders&namespaceId=dev&clusters=a,b&app=shop";
  c.http().get(poll + "&clientIP=10.0.0.9&udpPort=0", {{"User-Agent", "x"}});
  c.http().get(poll + "&clientIP=&udpPort=5000", {{"User-Agent", "x"}});
  c.http().get(poll + "&clientIP=10.0.0.9&udpPort=65536", {{"User-Agent", "x"}});
  c.http().get(poll + "&clientIP=10.0.0.9&udpPort=none", {{"User-Agent", "x"}});
  CHECK(seen->seen().empty());
  c.http().get(poll + "&clientIP=10.0.0.9&udpPort=5000",
               {{"User-Agent", "Nacos-Java-Client:v1.4.7"}, {"Client-Version", "other"}});
  CHECK(seen->seen() ==
        "dev DEFAULT_GROUP@@orders 10.0.0.9:5000 Nacos-Java-Client:v1.4.7 shop a,b\n");
  c.http().get(c.v2 + "/list?serviceName=orders&clusterName=c&ip=10.0.0.8&port=6000",
               {{"Client-Version", "Nacos-Go-Client:v1.1.5"}});
  CHECK(
      has(seen->seen(), "public DEFAULT_GROUP@@orders 10.0.0.8:6000 Nacos-Go-Client:v1.1.5  c\n"));
}

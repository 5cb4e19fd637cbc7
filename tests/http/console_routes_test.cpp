// The console's files, and what its pages ask about services.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "http/console_files.hpp"
#include "http/routes.hpp"
#include "naming/catalogue.hpp"

using namespace troupe;
namespace told = troupe::processors::naming;

namespace {

class recorded_exchange final : public http::exchange {
 public:
  explicit recorded_exchange(http::request r) : request_(std::move(r)) {}
  [[nodiscard]] const http::request& request() const override { return request_; }
  void respond(http::response answer) override { answered = std::move(answer); }
  void post(std::function<void()> work) override { work(); }
  http::response answered{0, {}, {}, {}};

 private:
  http::request request_;
};

struct rig {
  std::shared_ptr<naming::catalogue> services = std::make_shared<naming::catalogue>();
  http::router routes;

  rig() { http::add_console_routes(routes, services); }

  http::response get(std::string_view path, std::string_view query = {},
                     std::string_view tag = {}) const {
    http::request r{"GET", path, query, {}, {}};
    if (!tag.empty()) r.headers.emplace_back("If-None-Match", tag);
    const auto call = std::make_shared<recorded_exchange>(std::move(r));
    routes.route(call);
    return call->answered;
  }
  nlohmann::json ask(std::string_view path, std::string_view query = {}) const {
    const auto r = get(path, query);
    CHECK(r.status == 200);
    return nlohmann::json::parse(r.body);
  }
  void enroll(const std::string& name, std::string_view ip, bool healthy = true) {
    const told::service s{"public", "g", name};
    told::instance i;
    i.ip = ip;
    i.port = 80;
    i.healthy = healthy;
    services->service_put(s, {});
    services->instance_put(s, i);
    services->committed();
  }
};

std::string header(const http::response& r, std::string_view name) {
  for (const auto& [key, value] : r.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("the root and Nacos's own address lead to the console") {
  const rig r;
  for (const auto* path : {"/", "/console", "/nacos", "/nacos/"}) {
    CHECK(r.get(path).status == 302);
    CHECK(header(r.get(path), "Location") == "/console/");
  }
  const auto page = r.get("/console/");
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html;charset=UTF-8");
  CHECK(page.body.rfind("<!DOCTYPE html>", 0) == 0);
}

TEST_CASE("every file that the page and its scripts name is there, and asks nobody else") {
  const rig r;
  for (const auto& file : http::console_files()) {
    const auto answer = r.get("/console/" + std::string(file.name));
    CHECK(answer.status == 200);
    CHECK(answer.body == file.content);
    CHECK(answer.body.find("https://") == std::string::npos);
    std::string_view rest = file.content;
    for (const std::string_view begin : {"from \"./", "href=\"", "src=\""}) {
      for (auto at = rest.find(begin); at != std::string_view::npos;
           at = rest.find(begin, at + 1)) {
        const auto from = at + begin.size();
        const auto named = rest.substr(from, rest.find('"', from) - from);
        if (named.empty() || named[0] == '#') continue;
        CHECK(r.get("/console/" + std::string(named)).status == 200);
      }
    }
  }
  CHECK(r.get("/console/none.js").status == 404);
}

TEST_CASE("a file that the browser has already is not sent again") {
  const rig r;
  const auto tag = header(r.get("/console/console.js"), "ETag");
  CHECK(r.get("/console/console.js", {}, tag).status == 304);
  CHECK(r.get("/console/console.js", {}, tag).body.empty());
  CHECK(r.get("/console/console.js", {}, "\"other\"").status == 200);
}

TEST_CASE("services come in pages, with sums over all of them, and can be picked") {
  rig r;
  r.enroll("a", "10.0.0.1");
  r.enroll("b", "10.0.0.1");
  r.enroll("b", "10.0.0.2", false);
  r.enroll("c", "10.0.0.3");
  const auto all = r.ask("/admin/v1/naming/services");
  CHECK(all["total"] == 3);
  CHECK(all["instances"] == 4);
  CHECK(all["unhealthy"] == 1);
  CHECK(all["services"].size() == 3);
  CHECK(all["services"][1] == nlohmann::json::parse(R"({"group":"g","name":"b",
      "ephemeral":false,"hosts":2,"healthy":1})"));
  const auto second = r.ask("/admin/v1/naming/services", "size=2&page=2");
  CHECK(second["matching"] == 3);
  CHECK(second["services"].size() == 1);
  CHECK(second["services"][0]["name"] == "c");
  const auto sick = r.ask("/admin/v1/naming/services", "unhealthy=true");
  CHECK(sick["matching"] == 1);
  CHECK(sick["services"][0]["name"] == "b");
  CHECK(r.ask("/admin/v1/naming/services", "name=c")["matching"] == 1);
  CHECK(r.ask("/admin/v1/naming/services", "group=x")["matching"] == 0);
  CHECK(r.ask("/admin/v1/naming/services", "namespace=dev")["total"] == 0);
  CHECK(r.get("/admin/v1/naming/services", "size=501").status == 400);
  CHECK(r.get("/admin/v1/naming/services", "page=0").status == 400);
}

TEST_CASE("a service shows its instances as they are, whatever protection would say") {
  rig r;
  r.enroll("b", "10.0.0.1");
  r.enroll("b", "10.0.0.2", false);
  told::service_settings settings;
  settings.protect_threshold = 0.9;
  settings.clusters["DEFAULT"].checker.type = "NONE";
  r.services->settings_put({"public", "g", "b"}, settings);
  const auto s = r.ask("/admin/v1/naming/service", "group=g&name=b");
  CHECK(s["protect_threshold"] == 0.9);
  CHECK(s["clusters"][0]["checker"] == "NONE");
  REQUIRE(s["hosts"].size() == 2);
  CHECK(s["hosts"][0]["healthy"] == true);
  CHECK(s["hosts"][1]["healthy"] == false);
  CHECK(r.get("/admin/v1/naming/service", "name=none").status == 404);
}

// The operators' part of docs/http-api.md.
#include <array>
#include <cstdio>

#include "http/group_description.hpp"
#include "http/json_answer.hpp"
#include "http/json_body.hpp"
#include "http/membership_body.hpp"
#include "http/routes.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::ordered_json;

response describe_node(const node_status& node) {
  json members = json::array();
  for (const auto& m : node.members) {
    members.push_back({{"id", m.id.value()}, {"address", m.peer_address}});
  }
  return json_answer({{"id", node.id.value()},
                      {"cluster", node.cluster},
                      {"incarnation", node.incarnation},
                      {"version", TROUPE_VERSION},
                      {"members", members}});
}

response describe_groups(const node_status& node) {
  json groups = json::array();
  for (const auto& g : node.groups) groups.push_back(describe_group(node, g));
  return json_answer({{"node", node.id.value()}, {"groups", groups}});
}

/// Finds the group among those of the node, and shows it as `shape` does.
auto one_group(std::string name, json (*shape)(const node_status&, const group_status&)) {
  return [name = std::move(name), shape](const node_status& node) {
    for (const auto& g : node.groups) {
      if (g.name == name) return json_answer(shape(node, g));
    }
    return answer_of({error_code::unknown_group, "there is no group " + name, {}});
  };
}

void with_status(const exchange_ptr& call, cluster_view& view,
                 std::function<response(const node_status&)> shape) {
  view.status([call, shape = std::move(shape)](node_status status) {
    call->post([call, shape, status = std::move(status)] { call->respond(shape(status)); });
  });
}

/// Answers with `done`, or with the error.
std::function<void(const error&)> answer_with(const exchange_ptr& call, json done) {
  return [call, done = std::move(done)](const error& e) {
    call->post([call, done, e] {
      call->respond(e.code == error_code::ok ? json_answer(done) : answer_of(e));
    });
  };
}

/// {"to":"2"}; a number is understood too.
std::optional<std::string> read_target(std::string_view body) {
  const auto parsed = parse_json<json>(body);
  if (!parsed.is_object() || !parsed.contains("to")) return std::nullopt;
  const auto& to = parsed["to"];
  if (to.is_string() && !to.get<std::string>().empty()) return to.get<std::string>();
  if (to.is_number_unsigned()) return std::to_string(to.get<std::uint64_t>());
  return std::nullopt;
}

void transfer(const exchange_ptr& call, cluster_view& view, const std::string& group) {
  const auto to = read_target(call->request().body);
  if (!to) {
    return call->respond(invalid_argument(
        "body: is not {\"to\":\"…\"} with a node id or a peer address (host:port)"));
  }
  view.transfer(group, *to, answer_with(call, {{"accepted", true}}));
}

void change_members(const exchange_ptr& call, cluster_view& view, const std::string& group) {
  auto wanted = read_membership(call->request().body);
  if (!wanted) return call->respond(invalid_argument(wanted.error()));
  view.change_members(group, std::move(*wanted), answer_with(call, {{"committed", true}}));
}

/// Hexadecimal: a number of 64 bits is more than JSON's readers agree on.
std::string hexadecimal(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

void show_content(const exchange_ptr& call, cluster_view& view, const std::string& group) {
  view.content(group, [call](const content_result& found) {
    auto shown = found ? json_answer({{"index", found->index.value()},
                                      {"term", found->term.value()},
                                      {"hash", hexadecimal(found->hash)}})
                       : answer_of(found.error());
    call->post([call, shown = std::move(shown)] { call->respond(shown); });
  });
}

}  // namespace

void add_admin_routes(router& routes, const view_ptr& view) {
  routes.add("GET", "/admin/v1/node", [view](const exchange_ptr& call, const std::string&) {
    with_status(call, *view, describe_node);
  });
  routes.add("GET", "/admin/v1/groups", [view](const exchange_ptr& call, const std::string&) {
    with_status(call, *view, describe_groups);
  });
  routes.add("GET", "/admin/v1/groups/{group}",
             [view](const exchange_ptr& call, const std::string& group) {
               with_status(call, *view, one_group(group, describe_group));
             });
  routes.add("GET", "/admin/v1/groups/{group}/content",
             [view](const exchange_ptr& call, const std::string& group) {
               show_content(call, *view, group);
             });
  routes.add("GET", "/admin/v1/groups/{group}/members",
             [view](const exchange_ptr& call, const std::string& group) {
               with_status(call, *view, one_group(group, describe_members));
             });
  routes.add("POST", "/admin/v1/groups/{group}/members",
             [view](const exchange_ptr& call, const std::string& group) {
               change_members(call, *view, group);
             });
  routes.add(
      "POST", "/admin/v1/groups/{group}/transfer",
      [view](const exchange_ptr& call, const std::string& group) { transfer(call, *view, group); });
}

}  // namespace troupe::http

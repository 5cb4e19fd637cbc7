#include <iostream>

#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_table.hpp"
#include "apps/troupectl_text.hpp"

namespace troupe::apps {
namespace {

using nlohmann::json;

/// "2 at 127.0.0.1:7102", or "none".
std::string leader_of(const json& group) {
  const auto& leader = group.at("leader");
  if (leader.is_null()) return "none";
  return cell(leader.at("id")) + " at " + cell(leader.at("address"));
}

std::string health_of(const json& ready) {
  if (!ready.is_object()) return "unknown";
  std::string text = ready.value("status", "unknown");
  for (const auto& reason : ready.value("reasons", json::array())) text += ", " + cell(reason);
  return text;
}

json endpoint_status(const session& s, const std::string& endpoint) {
  const auto node = ask_for_json(s, endpoint, "/admin/v1/node");
  if (!node.is_object()) return {{"endpoint", endpoint}, {"reachable", false}};
  return {{"endpoint", endpoint},
          {"reachable", true},
          {"node", node},
          {"health", ask_for_json(s, endpoint, "/health/ready")}};
}

void print_nodes(const json& nodes) {
  table lines({"ENDPOINT", "NODE", "CLUSTER", "VERSION", "STARTS", "HEALTH"});
  for (const auto& entry : nodes) {
    if (!entry.at("reachable").get<bool>()) {
      lines.add({cell(entry.at("endpoint")), "-", "-", "-", "-", "unreachable"});
      continue;
    }
    const auto& node = entry.at("node");
    lines.add({cell(entry.at("endpoint")), cell(node.at("id")), cell(node.at("cluster")),
               cell(node.at("version")), cell(node.at("incarnation")),
               health_of(entry.at("health"))});
  }
  lines.print(std::cout);
}

void print_groups(const json& groups) {
  table lines({"GROUP", "LEADER", "TERM", "ROLE", "COMMIT", "APPLIED", "LAST", "MEMBERS"});
  for (const auto& group : groups) {
    lines.add({cell(group.at("name")), leader_of(group), cell(group.at("term")),
               cell(group.at("role")), cell(group.at("commit")), cell(group.at("applied")),
               cell(group.at("last")), std::to_string(group.at("members").size())});
  }
  lines.print(std::cout);
}

void print_status(const json& nodes, const json& groups) {
  print_nodes(nodes);
  if (groups.is_null()) return;
  std::cout << '\n';
  print_groups(groups);
}

void print_members(const json& group) {
  table lines({"MEMBER", "ADDRESS", "VOTER", "STATE", "MATCH", "NEXT", "ACTIVE"});
  for (const auto& member : group.at("members")) {
    lines.add({cell(member.at("id")), cell(member.at("address")), cell(member.at("voter")),
               cell(member.at("state")), cell(member.at("match")), cell(member.at("next")),
               cell(member.at("active"))});
  }
  lines.print(std::cout);
}

void print_group(const json& group) {
  table lines({"group", cell(group.at("name"))});
  lines.add({"leader", leader_of(group)});
  lines.add({"seen as", cell(group.at("role"))});
  for (const auto* field : {"term", "first", "commit", "applied", "stable", "last", "pending",
                            "transferring_to", "available"}) {
    lines.add({field, cell(group.at(field))});
  }
  lines.print(std::cout);
  std::cout << '\n';
  print_members(group);
}

outcome status(session& s) {
  auto nodes = json::array();
  bool reached = false;
  for (const auto& endpoint : s.client.endpoints()) {
    nodes.push_back(endpoint_status(s, endpoint));
    reached = reached || nodes.back().at("reachable").get<bool>();
  }
  json groups = nullptr;
  if (reached) {
    const auto answer = send_for_json(s, {"GET", "/admin/v1/groups", {}, {}});
    if (!answer) return raft::unexpected<failure>(answer.error());
    groups = answer->at("groups");
  }
  if (s.output == output_format::json) {
    std::cout << json{{"nodes", nodes}, {"groups", groups}} << '\n';
  } else {
    print_status(nodes, groups);
  }
  if (!reached) return raft::unexpected<failure>({exit_unreachable, "no endpoint answers", false});
  return {};
}

outcome group_list(session& s) {
  const auto answer = send_for_json(s, {"GET", "/admin/v1/groups", {}, {}});
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    std::cout << *answer << '\n';
  } else {
    print_groups(answer->at("groups"));
  }
  return {};
}

outcome group_show(session& s, const std::string& group) {
  const auto view = best_view(s, group_target(group));
  if (!view) return raft::unexpected<failure>(view.error());
  if (s.output == output_format::json) {
    std::cout << *view << '\n';
  } else {
    print_group(*view);
  }
  return {};
}

outcome leader_transfer(session& s, const std::string& group, const std::string& to) {
  const auto answer = send_for_json(s, {"POST",
                                        group_target(group) + "/transfer",
                                        json{{"to", to}}.dump(),
                                        {{"Content-Type", "application/json"}}});
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    std::cout << *answer << '\n';
  } else {
    std::cout << "accepted: " << group << " goes to " << to << "; see troupectl group show "
              << group << '\n';
  }
  return {};
}

void add_group_commands(CLI::App& app, command& selected) {
  auto* group = app.add_subcommand("group", "Raft groups")->require_subcommand(1);
  auto* list = group->add_subcommand("list", "every group as one node sees it");
  list->callback([&selected] { selected = group_list; });

  auto* show = group->add_subcommand("show", "one group and its members");
  const auto name = std::make_shared<std::string>();
  show->add_option("group", *name, "name of the group")->required();
  show->callback(
      [&selected, name] { selected = [name](session& s) { return group_show(s, *name); }; });
}

void add_leader_commands(CLI::App& app, command& selected) {
  auto* leader = app.add_subcommand("leader", "leaders of groups")->require_subcommand(1);
  auto* transfer = leader->add_subcommand("transfer", "hands a group to another member");
  const auto group = std::make_shared<std::string>();
  const auto to = std::make_shared<std::string>();
  transfer->add_option("group", *group, "name of the group")->required();
  transfer->add_option("--to", *to, "node id or peer address")->required();
  transfer->callback([&selected, group, to] {
    selected = [group, to](session& s) { return leader_transfer(s, *group, *to); };
  });
}

}  // namespace

void add_cluster_commands(CLI::App& app, command& selected) {
  app.add_subcommand("status", "nodes and groups at a glance")->callback([&selected] {
    selected = status;
  });
  add_group_commands(app, selected);
  add_leader_commands(app, selected);
}

}  // namespace troupe::apps

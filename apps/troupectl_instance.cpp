#include <iostream>

#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_table.hpp"
#include "apps/troupectl_text.hpp"

namespace troupe::apps {
namespace {

using nlohmann::json;

constexpr std::size_t page_items = 500;

struct instance_arguments {
  std::string service;
  std::string service_group = "DEFAULT_GROUP";
  std::string cluster = "DEFAULT";
  std::string name_space = "public";
  std::string ip;
  unsigned port = 0;
  double weight = 1;
  std::vector<std::string> metadata;  ///< each k=v
};

using parameters = std::vector<std::pair<std::string, std::string>>;

std::string query_of(const parameters& all) {
  std::string query;
  for (const auto& [name, value] : all) {
    query += (query.empty() ? "?" : "&") + name + "=" + percent_encode(value);
  }
  return query;
}

parameters service_parameters(const instance_arguments& arguments) {
  return {{"serviceName", arguments.service},
          {"groupName", arguments.service_group},
          {"namespaceId", arguments.name_space},
          {"clusterName", arguments.cluster}};
}

parameters instance_parameters(const instance_arguments& arguments) {
  auto all = service_parameters(arguments);
  all.emplace_back("ip", arguments.ip);
  all.emplace_back("port", std::to_string(arguments.port));
  all.emplace_back("ephemeral", "false");
  return all;
}

std::string metadata_of(const instance_arguments& arguments) {
  auto metadata = json::object();
  for (const auto& element : arguments.metadata) {
    const auto equals = element.find('=');
    metadata[element.substr(0, equals)] = element.substr(equals + 1);
  }
  return metadata.dump();
}

outcome change(session& s, const http_request& request, const std::string& done) {
  const auto answer = s.client.send(request);
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    std::cout << json{{"done", done}} << '\n';
  } else {
    std::cout << done << '\n';
  }
  return {};
}

outcome add_instance(session& s, const instance_arguments& arguments) {
  auto all = instance_parameters(arguments);
  all.emplace_back("weight", json(arguments.weight).dump());
  all.emplace_back("metadata", metadata_of(arguments));
  return change(s, {"POST", "/nacos/v1/ns/instance" + query_of(all), {}, {}}, "registered");
}

outcome remove_instance(session& s, const instance_arguments& arguments) {
  const auto query = query_of(instance_parameters(arguments));
  return change(s, {"DELETE", "/nacos/v1/ns/instance" + query, {}, {}}, "deregistered");
}

raft::expected<json, failure> page(session& s, const instance_arguments& arguments,
                                   std::size_t number) {
  auto all = service_parameters(arguments);
  all.emplace_back("pageNo", std::to_string(number));
  all.emplace_back("pageSize", std::to_string(page_items));
  return send_for_json(s, {"GET", "/nacos/v1/ns/catalog/instances" + query_of(all), {}, {}});
}

/// The catalogue shows every instance, also unhealthy and disabled ones.
raft::expected<json, failure> all_instances(session& s, const instance_arguments& arguments) {
  auto instances = json::array();
  for (std::size_t number = 1;; ++number) {
    const auto answer = page(s, arguments, number);
    if (!answer) return answer;
    const auto& found = answer->at("list");
    for (const auto& instance : found) instances.push_back(instance);
    if (found.empty() || instances.size() >= answer->at("count").get<std::size_t>()) break;
  }
  return instances;
}

std::string metadata_cell(const json& metadata) {
  std::string text;
  for (const auto& [name, value] : metadata.items()) {
    text += (text.empty() ? "" : ",") + name + "=" + cell(value);
  }
  return text.empty() ? "-" : text;
}

outcome list_instances(session& s, const instance_arguments& arguments) {
  const auto instances = all_instances(s, arguments);
  if (!instances) return raft::unexpected<failure>(instances.error());
  if (s.output == output_format::json) {
    std::cout << json{{"instances", *instances}} << '\n';
    return {};
  }
  table lines({"IP", "PORT", "CLUSTER", "WEIGHT", "HEALTHY", "ENABLED", "METADATA"});
  for (const auto& instance : *instances) {
    lines.add({cell(instance.at("ip")), cell(instance.at("port")), cell(instance.at("clusterName")),
               cell(instance.at("weight")), cell(instance.at("healthy")),
               cell(instance.at("enabled")),
               metadata_cell(instance.value("metadata", json::object()))});
  }
  lines.print(std::cout);
  return {};
}

std::string check_metadata(const std::string& text) {
  const auto equals = text.find('=');
  const bool good = equals != std::string::npos && equals > 0;
  return good ? "" : "must be key=value";
}

void add_service_options(CLI::App& app, instance_arguments& arguments) {
  app.add_option("--service", arguments.service, "name of the service")->required();
  app.add_option("--group-name", arguments.service_group, "service group (default DEFAULT_GROUP)");
  app.add_option("--cluster", arguments.cluster, "cluster of the service (default DEFAULT)");
  app.add_option("--namespace", arguments.name_space, "namespace id (default public)");
}

void add_instance_options(CLI::App& app, instance_arguments& arguments) {
  app.add_option("--ip", arguments.ip, "its address")->required();
  app.add_option("--port", arguments.port, "its port")->required()->check(CLI::Range(0, 65535));
}

using instance_command = outcome (*)(session&, const instance_arguments&);

/// The subcommand and its arguments, with the options that all have.
std::pair<CLI::App*, std::shared_ptr<instance_arguments>> add_subcommand(CLI::App& instance,
                                                                         const char* name,
                                                                         const char* help,
                                                                         instance_command run,
                                                                         command& selected) {
  const auto arguments = std::make_shared<instance_arguments>();
  auto* app = instance.add_subcommand(name, help);
  add_service_options(*app, *arguments);
  app->callback([&selected, arguments, run] {
    selected = [arguments, run](session& s) { return run(s, *arguments); };
  });
  return {app, arguments};
}

}  // namespace

void add_instance_commands(CLI::App& app, command& selected) {
  auto* instance = app.add_subcommand("instance", "persistent instances of services");
  instance->require_subcommand(1);
  const auto [add, added] =
      add_subcommand(*instance, "register", "registers an instance", add_instance, selected);
  add_instance_options(*add, *added);
  add->add_option("--weight", added->weight, "0 to 10000 (default 1)")->check(CLI::Range(0., 1e4));
  add->add_option("--metadata", added->metadata, "key=value; may be repeated")
      ->check(check_metadata);
  const auto [remove, removed] =
      add_subcommand(*instance, "deregister", "removes an instance", remove_instance, selected);
  add_instance_options(*remove, *removed);
  add_subcommand(*instance, "list", "every instance of a service", list_instances, selected);
}

}  // namespace troupe::apps

// troupectl_commands: what troupectl can do. Each command asks the cluster, prints to stdout, and
// says why it failed; the program prints that to stderr and ends with the failure's code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/troupectl_http.hpp"
#include "raft/expected.hpp"

namespace troupe::apps {

enum class output_format { table, json };

struct session {
  cluster_client client;
  output_format output;
};

using outcome = raft::expected<void, failure>;
using command = std::function<outcome(session&)>;

/// Adds subcommands to `app`; the one that is given on the command line puts itself into
/// `selected`.
void add_cluster_commands(CLI::App& app, command& selected);
void add_member_commands(CLI::App& app, command& selected);
void add_kv_commands(CLI::App& app, command& selected);
void add_instance_commands(CLI::App& app, command& selected);
void add_login_command(CLI::App& app, command& selected);

/// The body of a successful answer as JSON.
raft::expected<nlohmann::json, failure> send_for_json(session& s, const http_request& request);
/// JSON of an endpoint whatever the status, or null when it does not answer with any.
nlohmann::json ask_for_json(const session& s, const std::string& endpoint,
                            const std::string& target);
/// The view of a group at `target`: the leader's when it is among the endpoints, as only the leader
/// knows how far the members are; else that of any node.
raft::expected<nlohmann::json, failure> best_view(session& s, const std::string& target);
/// "/admin/v1/groups/{group}".
std::string group_target(const std::string& group);
/// A cell of a table: text without quotes, "-" for null.
std::string cell(const nlohmann::json& value);

}  // namespace troupe::apps

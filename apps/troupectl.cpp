// troupectl: shows and changes a cluster from the command line, over its HTTP interface.
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_text.hpp"

namespace {

using namespace troupe::apps;

struct arguments {
  std::string endpoints = "127.0.0.1:8101,127.0.0.1:8102,127.0.0.1:8103";
  std::string output = "table";
  double timeout_s = 10;
  std::string token;
};

std::string check_endpoints(const std::string& text) {
  const auto endpoints = split_list(text);
  if (endpoints.empty()) return "must name at least one host:port";
  for (const auto& endpoint : endpoints) {
    const auto colon = endpoint.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == endpoint.size()) {
      return "\"" + endpoint + "\" must be host:port";
    }
  }
  return "";
}

void describe(CLI::App& app, arguments& given) {
  app.name("troupectl");
  app.description("Shows and changes a Troupe cluster.");
  app.set_version_flag("--version", std::string("troupectl ") + TROUPE_VERSION);
  app.add_option("--endpoints", given.endpoints,
                 "HTTP addresses of nodes, host:port,host:port; tried in turn\n"
                 "(default 127.0.0.1:8101,127.0.0.1:8102,127.0.0.1:8103)")
      ->envname("TROUPE_ENDPOINTS")
      ->check(check_endpoints);
  app.add_option("--output", given.output, "table or json (default table)")
      ->check(CLI::IsMember({"table", "json"}));
  app.add_option("--timeout", given.timeout_s, "seconds for a request (default 10)")
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--token", given.token,
                 "access token, where nodes run with --auth: see \"troupectl login\"")
      ->envname("TROUPE_TOKEN");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done; 1 refused, not found or version mismatch; 2 usage; 3 no endpoint could\n"
      "be reached, or a retriable failure (nothing was changed); 4 outcome unknown: a write was\n"
      "sent, and may or may not have happened.");
}

session open_session(const arguments& given) {
  const auto timeout = std::chrono::milliseconds(std::lround(given.timeout_s * 1'000));
  return {cluster_client(split_list(given.endpoints), timeout, given.token),
          given.output == "json" ? output_format::json : output_format::table};
}

int run(const command& selected, session s) {
  try {
    const auto done = selected(s);
    if (done.has_value()) return 0;
    std::cerr << "troupectl: " << done.error().message << '\n';
    return done.error().exit_code;
  } catch (const nlohmann::json::exception& failed) {
    std::cerr << "troupectl: an answer has another form than expected: " << failed.what() << '\n';
    return exit_refused;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  arguments given;
  command selected;
  describe(app, given);
  add_cluster_commands(app, selected);
  add_member_commands(app, selected);
  add_kv_commands(app, selected);
  add_instance_commands(app, selected);
  add_login_command(app, selected);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stopped) {
    return app.exit(stopped) == 0 ? 0 : exit_usage;
  }
  return run(selected, open_session(given));
}

// troupectl login: a password for a token, so that the password need not stand in later commands.
#include <cstdlib>
#include <iostream>
#include <memory>

#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_text.hpp"

namespace troupe::apps {
namespace {

/// Neither a flag nor an argument: those are for everybody to see in the list of processes.
raft::expected<std::string, failure> read_password() {
  if (const char* given = std::getenv("TROUPE_PASSWORD"); given != nullptr) return {given};
  std::string line;
  if (std::getline(std::cin, line) && !line.empty()) return line;
  return raft::unexpected<failure>(
      {exit_usage, "no password: put it into TROUPE_PASSWORD, or into the first line of stdin"});
}

outcome log_in(session& s, const std::string& user) {
  const auto password = read_password();
  if (!password) return raft::unexpected<failure>(password.error());
  const http_request request{
      "POST",
      "/nacos/v1/auth/login",
      "username=" + percent_encode(user) + "&password=" + percent_encode(*password),
      {{"Content-Type", "application/x-www-form-urlencoded"}}};
  const auto answer = send_for_json(s, request);
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    std::cout << *answer << '\n';
  } else {
    std::cout << answer->at("accessToken").get<std::string>() << '\n';
  }
  return {};
}

}  // namespace

void add_login_command(CLI::App& app, command& selected) {
  auto* login = app.add_subcommand(
      "login",
      "Prints an access token: export TROUPE_TOKEN=$(troupectl login nacos < password-file)");
  const auto user = std::make_shared<std::string>();
  login->add_option("user", *user, "name of the user")->required();
  login->callback(
      [&selected, user] { selected = [user](session& s) { return log_in(s, *user); }; });
}

}  // namespace troupe::apps

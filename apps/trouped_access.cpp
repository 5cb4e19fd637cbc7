#include "apps/trouped_access.hpp"

#include <spdlog/spdlog.h>

namespace troupe::apps {

raft::expected<trouped_access, std::string> access_from(const trouped_options& options) {
  http::auth_settings settings;
  settings.enabled = options.auth;
  settings.token_lifetime = std::chrono::seconds(options.auth_token_seconds);
  settings.identity_key = options.auth_identity_key;
  settings.identity_value = options.auth_identity_value;
  if (options.auth) {
    const auto key = http::token_key::parse(options.auth_token_key);
    if (!key) return raft::unexpected("--auth-token-key " + key.error());
    settings.key = *key;
  }
  trouped_access access;
  access.services = {access.accounts, access.namespaces,
                     std::make_shared<http::authenticator>(settings, access.accounts, nullptr)};
  return access;
}

void warn_about_access(const trouped_options& options) {
  if (options.auth || is_loopback(options.http)) return;
  spdlog::warn(
      "ANYBODY who reaches {} may read and change everything: HTTP listens beyond this machine and "
      "authentication is off; set --auth, or let only who is trusted reach the port",
      options.http);
}

}  // namespace troupe::apps

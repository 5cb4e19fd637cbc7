// trouped_access: from what an operator set to who is let in: the settings of authentication,
// checked, and the parts that judge requests. Knows nothing of sockets and of groups.
#pragma once

#include <memory>
#include <string>

#include "apps/trouped_options.hpp"
#include "http/access_services.hpp"
#include "raft/expected.hpp"

namespace troupe::apps {

/// What the configuration group tells, and who reads it.
struct trouped_access {
  std::shared_ptr<http::account_table> accounts = std::make_shared<http::account_table>();
  std::shared_ptr<http::namespace_table> namespaces = std::make_shared<http::namespace_table>();
  http::access_services services;
};

/// The error is one line that names the setting and what to do, and repeats no secret.
raft::expected<trouped_access, std::string> access_from(const trouped_options& options);

/// Says loudly when everybody who reaches HTTP may do everything.
void warn_about_access(const trouped_options& options);

}  // namespace troupe::apps

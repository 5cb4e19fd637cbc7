// access_services: what the guard and the routes of accounts and namespaces stand on beside the
// groups. Knows nothing of who makes the parts; apps/ and the tests do.
#pragma once

#include <memory>

#include "http/account_table.hpp"
#include "http/authenticator.hpp"
#include "http/namespace_table.hpp"

namespace troupe::http {

/// None is null. The configuration group tells the tables.
struct access_services {
  std::shared_ptr<const account_table> accounts;
  std::shared_ptr<const namespace_table> namespaces;
  std::shared_ptr<authenticator> who;
};

}  // namespace troupe::http

// access_rules: what a request needs its sender to be allowed, by its method and path, and what it
// touches, by its parameters. One table for the whole HTTP interface. Knows nothing of who asks.
// nacos-spec C.9.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/account_table.hpp"
#include "http/exchange.hpp"
#include "http/text_forms.hpp"

namespace troupe::http {

enum class access_class : std::uint8_t {
  open,           ///< nothing
  signed_in,      ///< to be somebody
  own_account,    ///< to be whom the parameter `username` names, or an administrator
  naming,         ///< permission for a service
  configuration,  ///< permission for a configuration
  administrator,
};

struct access_need {
  access_class what = access_class::administrator;
  access_mode how = access_mode::read;
};

/// What no rule names needs an administrator.
access_need need_of(const request& r);

/// What a naming or configuration request touches: all of it must be permitted. A parameter that
/// handlers read under several names counts under each.
std::vector<resource> resources_of(access_class what, const request& r, const parameters& form);

}  // namespace troupe::http

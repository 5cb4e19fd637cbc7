// trouped_naming: what a node knows of services, and the processors that tell it. Knows nothing of
// requests.
#pragma once

#include "groups/node.hpp"
#include "http/naming_services.hpp"

namespace troupe::apps {

/// Without subscriptions: naming_duties makes those.
http::naming_services naming_services_of_node();

/// Adds the naming groups; they tell `naming` what they commit.
void add_naming_processors(node& n, const http::naming_services& naming);

}  // namespace troupe::apps

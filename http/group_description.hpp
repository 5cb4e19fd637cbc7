// group_description: what an operator is shown of a group and its members, as JSON. Knows nothing
// of requests and routes.
#pragma once

#include <nlohmann/json.hpp>

#include "groups/cluster_view.hpp"

namespace troupe::http {

/// The group as `node` sees it: an element of GET /admin/v1/groups.
nlohmann::ordered_json describe_group(const node_status& node, const group_status& group);

/// Its members with their roles: GET /admin/v1/groups/{group}/members.
nlohmann::ordered_json describe_members(const node_status& node, const group_status& group);

}  // namespace troupe::http

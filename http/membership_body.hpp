// membership_body: the JSON that asks for other members of a group, docs/http-api.md. Knows nothing
// of who the members are now.
#pragma once

#include <string>
#include <string_view>

#include "codec/membership.hpp"
#include "raft/expected.hpp"

namespace troupe::http {

/// What the body asks for; else why it is malformed: field, value, limit.
raft::expected<codec::membership_request, std::string> read_membership(std::string_view body);

}  // namespace troupe::http

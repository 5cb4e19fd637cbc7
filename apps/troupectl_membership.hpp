// troupectl_membership: a change of members as an operator writes it, as the HTTP interface takes
// it, and whether a group has it already. Sends nothing and prints nothing.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apps/troupectl_http.hpp"
#include "raft/expected.hpp"

namespace troupe::apps {

enum class member_op : std::uint8_t { add, promote, demote, remove };

struct member_change {
  member_op op = member_op::add;
  std::uint64_t id = 0;
  std::string address;  ///< host:port, for add only
  bool voter = false;   ///< for add only
  friend bool operator==(const member_change&, const member_change&) = default;
};

using member_changes = std::vector<member_change>;

/// "add:4@host:port", "add-voter:4@host:port", "promote:4", "demote:4", "remove:4".
raft::expected<member_change, std::string> parse_member_change(std::string_view text);

/// "promote:4", for people.
std::string to_text(const member_change& change);

/// The body for POST /admin/v1/groups/{group}/members. `transition` may be empty.
nlohmann::json body_of(const member_changes& changes, const std::string& transition);

/// Whether `shown`, the leader's answer to GET …/members, has all of it already, and committed.
/// `transition` says whether it may be so by a joint configuration. No changes: whether there is
/// none to leave.
bool is_done(const nlohmann::json& shown, const member_changes& changes,
             const std::string& transition);

/// Whether a later try may succeed: nothing was changed, or whether it was can be looked up.
bool is_worth_another_try(const failure& failed);

}  // namespace troupe::apps

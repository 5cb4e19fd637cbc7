#include "http/membership_body.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "codec/limits.hpp"
#include "groups/address.hpp"
#include "http/json_body.hpp"

namespace troupe::http {

namespace {

using json = nlohmann::json;
using codec::wanted_change;
using raft::change_kind;
using raft::joint_transition;

template <class T>
using parsed = raft::expected<T, std::string>;

raft::unexpected<std::string> because(std::string reason) {
  return raft::unexpected(std::move(reason));
}

/// On disk and in other languages' JSON ids travel as signed numbers.
constexpr std::uint64_t node_id_max = (std::uint64_t{1} << 63U) - 1;

/// Room for the most changes with the longest addresses; read, each byte may take dozens.
constexpr std::size_t body_bytes_max = 1U << 20U;

struct op {
  std::string_view name;
  change_kind kind;
  bool adds;  ///< takes an address, and may make a voter
};

constexpr std::array ops{
    op{"add", change_kind::add_learner, true}, op{"promote", change_kind::add_voter, false},
    op{"demote", change_kind::add_learner, false}, op{"remove", change_kind::remove, false},
    op{"update", change_kind::update, false}};

std::string shown(const json& value) {
  constexpr std::size_t shown_max = 64;
  return value.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, shown_max);
}

/// The reason when `value` has a field that is not among `known`.
std::optional<std::string> stray_field(const json& value, const std::string& where,
                                       std::initializer_list<std::string_view> known) {
  for (const auto& [name, field] : value.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return where + ": has no field \"" + name.substr(0, 64) + "\"";
    }
  }
  return std::nullopt;
}

parsed<op> read_op(const json& change) {
  const auto name = change.value("op", json());
  for (const auto& known : ops) {
    if (name == known.name) return known;
  }
  return because(".op: is " + shown(name) + ", not add, promote, demote, remove or update");
}

parsed<raft::node_id> read_id(const json& change) {
  const auto id = change.value("id", json());
  if (id.is_number_unsigned()) {
    const auto value = id.get<std::uint64_t>();
    if (value >= 1 && value <= node_id_max) return raft::node_id{value};
  }
  return because(".id: is " + shown(id) + ", not a whole number from 1 to " +
                 std::to_string(node_id_max));
}

parsed<std::string> read_address(const json& change, const op& wanted) {
  if (!wanted.adds) {
    if (!change.contains("address")) return std::string();
    return because(".address: belongs to \"add\"; a member that moved announces its address");
  }
  const auto text = change.value("address", json());
  if (text.is_string()) {
    auto address = text.get<std::string>();
    const auto at = groups::split_address(address);
    const bool fits = address.size() <= codec::address_bytes_max;
    if (fits && at && at->port != "0") return address;
  }
  return because(".address: is " + shown(text) + ", not host:port of at most " +
                 std::to_string(codec::address_bytes_max) + " bytes, with a port from 1 to 65535");
}

parsed<bool> read_voter(const json& change, const op& wanted) {
  if (!change.contains("voter")) return false;
  const auto& voter = change["voter"];
  if (!wanted.adds) return because(".voter: belongs to \"add\"");
  if (!voter.is_boolean()) return because(".voter: is " + shown(voter) + ", not true or false");
  return voter.get<bool>();
}

/// The reason continues the name of the element.
parsed<wanted_change> read_change(const json& change) {
  if (!change.is_object()) return because(": is " + shown(change) + ", not an object");
  if (auto stray = stray_field(change, "", {"op", "id", "address", "voter"})) {
    return because(std::move(*stray));
  }
  const auto wanted = read_op(change);
  if (!wanted) return because(wanted.error());
  const auto id = read_id(change);
  if (!id) return because(id.error());
  const auto address = read_address(change, *wanted);
  if (!address) return because(address.error());
  const auto voter = read_voter(change, *wanted);
  if (!voter) return because(voter.error());
  return wanted_change{*voter ? change_kind::add_voter : wanted->kind, *id, *address};
}

parsed<joint_transition> read_transition(const json& body) {
  const auto name = body.value("transition", json("automatic"));
  if (name == "automatic") return joint_transition::automatic;
  if (name == "implicit") return joint_transition::implicit;
  if (name == "explicit") return joint_transition::explicit_leave;
  return because("transition: is " + shown(name) + ", not automatic, implicit or explicit");
}

parsed<std::vector<wanted_change>> read_changes(const json& elements) {
  if (elements.size() > codec::members_max) {
    return because("changes: has " + std::to_string(elements.size()) + " elements, at most " +
                   std::to_string(codec::members_max) + " are taken");
  }
  std::vector<wanted_change> changes;
  std::set<raft::node_id> seen;
  for (const auto& element : elements) {
    const auto where = "changes[" + std::to_string(changes.size()) + "]";
    auto change = read_change(element);
    if (!change) return because(where + change.error());
    if (!seen.insert(change->id).second) {
      return because(where + ".id: " + to_string(change->id) +
                     " stands twice; one change a member");
    }
    changes.push_back(std::move(*change));
  }
  return changes;
}

}  // namespace

parsed<codec::membership_request> read_membership(std::string_view body) {
  if (body.size() > body_bytes_max) {
    return because("body: has " + std::to_string(body.size()) + " bytes, at most " +
                   std::to_string(body_bytes_max) + " are taken");
  }
  const auto all = parse_json(body);
  if (!all.is_object() || !all.contains("changes") || !all["changes"].is_array()) {
    return because("body: is not {\"changes\":[…]}");
  }
  if (auto stray = stray_field(all, "body", {"changes", "transition"})) {
    return because(std::move(*stray));
  }
  auto changes = read_changes(all["changes"]);
  if (!changes) return because(changes.error());
  const auto transition = read_transition(all);
  if (!transition) return because(transition.error());
  return codec::membership_request{*transition, std::move(*changes)};
}

}  // namespace troupe::http

#include "apps/troupectl_membership.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe::apps {
namespace {

using nlohmann::json;

/// Ids travel as signed numbers on disk.
constexpr std::uint64_t node_id_max = (std::uint64_t{1} << 63U) - 1;

struct spelling {
  std::string_view name;
  member_op op;
  bool voter;
};

constexpr std::array spellings{
    spelling{"add", member_op::add, false}, spelling{"add-voter", member_op::add, true},
    spelling{"promote", member_op::promote, false}, spelling{"demote", member_op::demote, false},
    spelling{"remove", member_op::remove, false}};

std::string_view name_of(member_op op) {
  switch (op) {
    case member_op::add:
      return "add";
    case member_op::promote:
      return "promote";
    case member_op::demote:
      return "demote";
    case member_op::remove:
      return "remove";
  }
  return "";
}

/// The member as it is shown, null when it is none.
const json* find_member(const json& shown, std::uint64_t id) {
  for (const auto& member : shown.at("members")) {
    if (member.at("id") == id) return &member;
  }
  return nullptr;
}

bool is_done(const json& shown, const member_change& change) {
  const auto* member = find_member(shown, change.id);
  const auto role = member == nullptr ? "none" : member->at("role").get<std::string>();
  switch (change.op) {
    case member_op::add:
      return role == (change.voter ? "voter" : "learner") &&
             member->at("address") == change.address;
    case member_op::promote:
      return role == "voter";
    case member_op::demote:
      return role == "learner" || role == "outgoing";
    case member_op::remove:
      return role == "none" || role == "outgoing";
  }
  return false;
}

}  // namespace

raft::expected<member_change, std::string> parse_member_change(std::string_view text) {
  const auto refuse = [text](const std::string& reason) {
    return raft::unexpected<std::string>("\"" + std::string(text) + "\" " + reason);
  };
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  const auto* const known = std::find_if(spellings.begin(), spellings.end(),
                                         [name](const auto& s) { return s.name == name; });
  if (colon == std::string_view::npos || known == spellings.end()) {
    return refuse(
        "must be add:ID@HOST:PORT, add-voter:ID@HOST:PORT, promote:ID, demote:ID or "
        "remove:ID");
  }
  const auto rest = text.substr(colon + 1);
  const auto at = rest.find('@');
  const auto digits = rest.substr(0, at);
  member_change change{known->op, 0, {}, known->voter};
  const auto [end, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), change.id);
  const bool is_number = failed == std::errc{} && end == digits.data() + digits.size();
  if (!is_number || change.id == 0 || change.id > node_id_max) {
    return refuse("has a bad id: must be a whole number from 1 to " + std::to_string(node_id_max));
  }
  const bool has_address = at != std::string_view::npos && at + 1 < rest.size();
  if (change.op == member_op::add && !has_address) {
    return refuse("needs the address where peers reach it: add:ID@HOST:PORT");
  }
  if (change.op != member_op::add && at != std::string_view::npos) {
    return refuse("takes no address");
  }
  if (has_address) change.address = rest.substr(at + 1);
  return change;
}

std::string to_text(const member_change& change) {
  std::string text(name_of(change.op));
  if (change.voter) text += "-voter";
  text += ":" + std::to_string(change.id);
  if (!change.address.empty()) text += "@" + change.address;
  return text;
}

json body_of(const member_changes& changes, const std::string& transition) {
  auto elements = json::array();
  for (const auto& change : changes) {
    json element{{"op", name_of(change.op)}, {"id", change.id}};
    if (change.op == member_op::add) element["address"] = change.address;
    if (change.voter) element["voter"] = true;
    elements.push_back(std::move(element));
  }
  json body{{"changes", std::move(elements)}};
  if (!transition.empty()) body["transition"] = transition;
  return body;
}

bool is_done(const json& shown, const member_changes& changes, const std::string& transition) {
  const bool may_be_joint = transition == "explicit";
  if (!shown.at("committed").get<bool>()) return false;
  if (shown.at("joint").get<bool>() && !may_be_joint) return false;
  return std::all_of(changes.begin(), changes.end(),
                     [&](const auto& change) { return is_done(shown, change); });
}

bool is_worth_another_try(const failure& failed) {
  return failed.may_pass || failed.exit_code == exit_outcome_unknown ||
         failed.code == "change_pending" || failed.code == "not_caught_up";
}

}  // namespace troupe::apps

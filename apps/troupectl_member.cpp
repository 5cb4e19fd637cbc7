#include <iostream>
#include <thread>

#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_membership.hpp"
#include "apps/troupectl_table.hpp"

namespace troupe::apps {
namespace {

using nlohmann::json;
using clock = cluster_client::clock;

constexpr std::chrono::milliseconds pause_between_tries{100};

/// What is to be done in each group, one step after the other.
struct wanted_members {
  std::string group;  ///< empty: all groups
  std::vector<member_changes> steps;
  std::string transition;
  std::string done;  ///< what to say of a group where it is done
};

enum class group_outcome { done, already };

raft::expected<std::vector<std::string>, failure> groups_meant(session& s,
                                                               const std::string& group) {
  if (!group.empty()) return std::vector<std::string>{group};
  const auto answer = send_for_json(s, {"GET", "/admin/v1/groups", {}, {}});
  if (!answer) return raft::unexpected<failure>(answer.error());
  std::vector<std::string> names;
  for (const auto& each : answer->at("groups")) names.push_back(each.at("name"));
  return names;
}

/// Only the leader's view proves anything: another node's may be old.
bool is_done_already(session& s, const std::string& group, const member_changes& changes,
                     const std::string& transition) {
  const auto shown = best_view(s, group_target(group) + "/members");
  return shown && shown->at("role") == "leader" && is_done(*shown, changes, transition);
}

bool is_removal(const member_changes& changes) {
  return changes.size() == 1 && changes.front().op == member_op::remove;
}

/// Looks before each try what has happened already, so that a try whose outcome is unknown may be
/// followed by another one.
raft::expected<group_outcome, failure> change_group(session& s, const std::string& group,
                                                    const member_changes& changes,
                                                    const std::string& transition) {
  const http_request request{"POST",
                             group_target(group) + "/members",
                             body_of(changes, transition).dump(),
                             {{"Content-Type", "application/json"}}};
  const auto deadline = clock::now() + s.client.timeout();
  bool is_unsure = false;
  for (;;) {
    if (is_done_already(s, group, changes, transition)) {
      return is_unsure ? group_outcome::done : group_outcome::already;
    }
    const auto answer = send_for_json(s, request);
    if (answer) return group_outcome::done;
    auto failed = answer.error();
    if (is_unsure && is_removal(changes) && failed.code == "unknown_peer") {
      return group_outcome::done;
    }
    is_unsure = is_unsure || failed.exit_code == exit_outcome_unknown;
    if (!is_worth_another_try(failed)) return raft::unexpected<failure>(failed);
    if (clock::now() + pause_between_tries >= deadline) {
      // What may pass, and did not within the time.
      if (failed.exit_code == exit_refused) failed.exit_code = exit_unreachable;
      if (is_unsure) failed.exit_code = exit_outcome_unknown;
      return raft::unexpected<failure>(failed);
    }
    std::this_thread::sleep_for(pause_between_tries);
  }
}

raft::expected<group_outcome, failure> take_steps(session& s, const std::string& group,
                                                  const wanted_members& wanted) {
  // What the last step leads to may be there, and steps before it would undo it.
  const bool has_several = wanted.steps.size() > 1;
  if (has_several && is_done_already(s, group, wanted.steps.back(), wanted.transition)) {
    return group_outcome::already;
  }
  auto done = raft::expected<group_outcome, failure>(group_outcome::already);
  for (const auto& step : wanted.steps) {
    done = change_group(s, group, step, wanted.transition);
    if (!done) break;
  }
  return done;
}

/// Goes on with the other groups when one fails, and ends with its code.
outcome change_members(session& s, const wanted_members& wanted) {
  const auto groups = groups_meant(s, wanted.group);
  if (!groups) return raft::unexpected<failure>(groups.error());
  auto report = json::array();
  std::optional<failure> first_failure;
  for (const auto& group : *groups) {
    const auto done = take_steps(s, group, wanted);
    std::string result = "failed";
    if (done) result = *done == group_outcome::done ? "done" : "already";
    report.push_back({{"group", group},
                      {"result", result},
                      {"error", done ? json(nullptr) : json(done.error().message)}});
    if (!done && !first_failure) first_failure = done.error();
    if (s.output == output_format::json) continue;
    std::cout << group << ": ";
    if (done) std::cout << (result == "done" ? wanted.done : "nothing to do") << std::endl;
    if (!done) std::cout << "failed: " << done.error().message << std::endl;
  }
  if (s.output == output_format::json) std::cout << json{{"groups", report}} << '\n';
  if (!first_failure) return {};
  first_failure->message = "not done in every group: " + first_failure->message;
  return raft::unexpected<failure>(*first_failure);
}

void print_members(const json& groups) {
  table lines({"GROUP", "MEMBER", "ADDRESS", "ROLE", "STATE", "MATCH", "NEXT", "ACTIVE"});
  for (const auto& group : groups) {
    const auto name = cell(group.at("group")) + (group.at("joint").get<bool>() ? " (joint)" : "");
    for (const auto& member : group.at("members")) {
      lines.add({name, cell(member.at("id")), cell(member.at("address")), cell(member.at("role")),
                 cell(member.at("state")), cell(member.at("match")), cell(member.at("next")),
                 cell(member.at("active"))});
    }
  }
  lines.print(std::cout);
}

outcome list_members(session& s, const std::string& only) {
  const auto groups = groups_meant(s, only);
  if (!groups) return raft::unexpected<failure>(groups.error());
  auto shown = json::array();
  for (const auto& group : *groups) {
    const auto view = best_view(s, group_target(group) + "/members");
    if (!view) return raft::unexpected<failure>(view.error());
    shown.push_back(*view);
  }
  if (s.output == output_format::json) {
    std::cout << json{{"groups", shown}} << '\n';
  } else {
    print_members(shown);
  }
  return {};
}

// ---- the command line --------------------------------------------------------------------------

struct member_arguments {
  std::string group;
  std::uint64_t id = 0;
  std::string address;
  bool voter = false;
  bool promote = false;
  std::string transition;
  std::vector<std::string> changes;
};

using arguments_ptr = std::shared_ptr<member_arguments>;

wanted_members wanted_for(const member_arguments& given, member_changes step, std::string done) {
  return {given.group, {std::move(step)}, given.transition, std::move(done)};
}

wanted_members wanted_addition(const member_arguments& given) {
  const auto who = std::to_string(given.id);
  auto wanted = wanted_for(given, {{member_op::add, given.id, given.address, given.voter}},
                           "added " + who + (given.voter ? " as a voter" : " as a learner"));
  if (given.promote) {
    wanted.steps.push_back({{member_op::promote, given.id, {}, false}});
    wanted.done = "added " + who + ", which votes now";
  }
  return wanted;
}

wanted_members wanted_changes(const member_arguments& given) {
  member_changes step;
  std::string done = "changed";
  for (const auto& text : given.changes) {
    step.push_back(*parse_member_change(text));
    done += " " + to_text(step.back());
  }
  if (given.transition == "explicit") done += "; joint until: troupectl member leave-joint";
  return wanted_for(given, std::move(step), std::move(done));
}

std::string check_change(const std::string& text) {
  const auto change = parse_member_change(text);
  return change ? "" : change.error();
}

/// A subcommand; `make` says what it wants, once the arguments are there.
std::pair<CLI::App*, arguments_ptr> add_subcommand(
    CLI::App& member, const char* name, const char* help, command& selected,
    std::function<wanted_members(const member_arguments&)> make) {
  const auto given = std::make_shared<member_arguments>();
  auto* app = member.add_subcommand(name, help);
  app->add_option("--group", given->group, "only this group (default: all groups)");
  app->callback([&selected, given, make = std::move(make)] {
    selected = [wanted = make(*given)](session& s) { return change_members(s, wanted); };
  });
  return {app, given};
}

void add_id(CLI::App& app, const arguments_ptr& given) {
  app.add_option("id", given->id, "id of the node")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, (std::uint64_t{1} << 63U) - 1));
}

/// A change of one member by its id alone.
void add_simple(CLI::App& member, const char* name, const char* help, member_op op,
                const char* done, command& selected) {
  const auto [app, given] =
      add_subcommand(member, name, help, selected, [op, done](const auto& arguments) {
        return wanted_for(arguments, {{op, arguments.id, {}, false}},
                          done + std::string(" ") + std::to_string(arguments.id));
      });
  add_id(*app, given);
}

void add_add(CLI::App& member, command& selected) {
  const auto [app, given] = add_subcommand(
      member, "add", "adds a node, started with --join, as a learner", selected, wanted_addition);
  add_id(*app, given);
  app->add_option("address", given->address, "where peers reach it, host:port")->required();
  auto* voter = app->add_flag("--voter", given->voter,
                              "as a voter at once, though it has nothing of the log yet");
  app->add_flag("--promote", given->promote, "waits until it has caught up, and lets it vote")
      ->excludes(voter);
}

void add_change(CLI::App& member, command& selected) {
  const auto [app, given] =
      add_subcommand(member, "change", "several changes at once, through a joint configuration",
                     selected, wanted_changes);
  app->add_option("changes", given->changes,
                  "add:ID@HOST:PORT, add-voter:ID@HOST:PORT, promote:ID, demote:ID, remove:ID")
      ->required()
      ->check(check_change);
  app->add_option("--transition", given->transition,
                  "automatic (default), implicit, or explicit: joint until leave-joint")
      ->check(CLI::IsMember({"automatic", "implicit", "explicit"}));
}

}  // namespace

void add_member_commands(CLI::App& app, command& selected) {
  auto* member = app.add_subcommand("member", "members of groups")->require_subcommand(1);
  member->footer(
      "A change is tried again until --timeout, for each group, while another one is under way,\n"
      "there is no leader, or the learner to promote has not caught up.");
  auto* list = member->add_subcommand("list", "who takes part in which group, and how far it is");
  const auto group = std::make_shared<std::string>();
  list->add_option("--group", *group, "only this group (default: all groups)");
  list->callback(
      [&selected, group] { selected = [group](session& s) { return list_members(s, *group); }; });
  add_add(*member, selected);
  add_simple(*member, "promote", "lets a learner vote, once it has caught up", member_op::promote,
             "promoted", selected);
  add_simple(*member, "demote", "makes a voter a learner", member_op::demote, "demoted", selected);
  add_simple(*member, "remove", "removes a node", member_op::remove, "removed", selected);
  add_change(*member, selected);
  add_subcommand(*member, "leave-joint", "ends an explicit joint configuration", selected,
                 [](const auto& given) { return wanted_for(given, {}, "left"); });
}

}  // namespace troupe::apps

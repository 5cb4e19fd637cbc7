#include <iostream>
#include <iterator>
#include <optional>

#include "apps/troupectl_commands.hpp"
#include "apps/troupectl_table.hpp"
#include "apps/troupectl_text.hpp"

namespace troupe::apps {
namespace {

using nlohmann::json;

constexpr std::uint64_t page_items_max = 1'000;
constexpr std::size_t value_characters_max = 60;

struct write_arguments {
  std::string key;
  std::string value;
  std::string if_version;  ///< empty: whatever stands there
  bool if_absent = false;
};

struct list_arguments {
  std::string prefix;
  std::uint64_t limit = 100;
};

std::string key_target(const std::string& key) {
  return "/kv/v1/" + percent_encode(key);
}

http_request conditional(http_request request, const write_arguments& arguments) {
  if (arguments.if_absent) request.headers.emplace_back("If-None-Match", "*");
  if (!arguments.if_version.empty()) {
    request.headers.emplace_back("If-Match", '"' + arguments.if_version + '"');
  }
  return request;
}

std::string read_stdin() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

outcome put(session& s, const write_arguments& arguments) {
  const auto value = arguments.value == "-" ? read_stdin() : arguments.value;
  const auto request = conditional(
      {"PUT", key_target(arguments.key), value, {{"Content-Type", "application/octet-stream"}}},
      arguments);
  const auto answer = send_for_json(s, request);
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    std::cout << *answer << '\n';
  } else {
    std::cout << "version " << cell(answer->at("version")) << '\n';
  }
  return {};
}

outcome get(session& s, const std::string& key, bool local) {
  const auto answer =
      s.client.send({"GET", key_target(key) + (local ? "?consistency=local" : ""), {}, {}});
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    const auto version = json::parse(answer->etag, nullptr, false);
    std::cout << json{{"key", percent_encode(key)},
                      {"version", version.is_discarded() ? json(nullptr) : version},
                      {"value", base64_encode(answer->body)}}
              << '\n';
  } else {
    std::cout << answer->body;
  }
  return {};
}

outcome erase(session& s, const write_arguments& arguments) {
  const auto answer =
      send_for_json(s, conditional({"DELETE", key_target(arguments.key), {}, {}}, arguments));
  if (!answer) return raft::unexpected<failure>(answer.error());
  if (s.output == output_format::json) {
    std::cout << *answer << '\n';
  } else {
    std::cout << (answer->at("deleted").get<bool>() ? "deleted" : "was absent") << '\n';
  }
  return {};
}

/// Up to `limit` items, over as many pages as that takes.
raft::expected<json, failure> all_items(session& s, const list_arguments& arguments) {
  auto items = json::array();
  auto next = std::optional<std::string>("");
  while (next && items.size() < arguments.limit) {
    const auto wanted = std::min(page_items_max, arguments.limit - items.size());
    auto target =
        "/kv/v1?prefix=" + percent_encode(arguments.prefix) + "&limit=" + std::to_string(wanted);
    // Keys and `next` come percent-encoded already.
    if (!next->empty()) target += "&from=" + *next;
    const auto page = send_for_json(s, {"GET", target, {}, {}});
    if (!page) return page;
    for (const auto& item : page->at("items")) items.push_back(item);
    next.reset();
    if (!page->at("next").is_null()) next = page->at("next").get<std::string>();
  }
  return items;
}

outcome list(session& s, const list_arguments& arguments) {
  const auto items = all_items(s, arguments);
  if (!items) return raft::unexpected<failure>(items.error());
  if (s.output == output_format::json) {
    std::cout << json{{"items", *items}} << '\n';
    return {};
  }
  table lines({"KEY", "VERSION", "VALUE"});
  for (const auto& item : *items) {
    lines.add(
        {printable(percent_decode(item.at("key").get<std::string>()), value_characters_max),
         cell(item.at("version")),
         printable(base64_decode(item.at("value").get<std::string>()), value_characters_max)});
  }
  lines.print(std::cout);
  return {};
}

void add_put(CLI::App& kv, command& selected) {
  const auto arguments = std::make_shared<write_arguments>();
  auto* app = kv.add_subcommand("put", "writes a value");
  app->add_option("key", arguments->key)->required();
  app->add_option("value", arguments->value, "the value; - reads it from stdin (default -)")
      ->default_str("-");
  arguments->value = "-";
  auto* absent = app->add_flag("--if-absent", arguments->if_absent, "only when there is no value");
  app->add_option("--if-version", arguments->if_version, "only over this version")
      ->excludes(absent);
  app->callback([&selected, arguments] {
    selected = [arguments](session& s) { return put(s, *arguments); };
  });
}

void add_get(CLI::App& kv, command& selected) {
  const auto key = std::make_shared<std::string>();
  const auto local = std::make_shared<bool>(false);
  auto* app = kv.add_subcommand("get", "prints a value as it is");
  app->add_option("key", *key)->required();
  app->add_flag("--local", *local, "the asked node's own view, possibly old");
  app->callback([&selected, key, local] {
    selected = [key, local](session& s) { return get(s, *key, *local); };
  });
}

void add_delete(CLI::App& kv, command& selected) {
  const auto arguments = std::make_shared<write_arguments>();
  auto* app = kv.add_subcommand("delete", "removes a value");
  app->add_option("key", arguments->key)->required();
  app->add_option("--if-version", arguments->if_version, "only this version");
  app->callback([&selected, arguments] {
    selected = [arguments](session& s) { return erase(s, *arguments); };
  });
}

void add_list(CLI::App& kv, command& selected) {
  const auto arguments = std::make_shared<list_arguments>();
  auto* app = kv.add_subcommand("list", "keys with their values, in order");
  app->add_option("--prefix", arguments->prefix, "only keys that begin so");
  app->add_option("--limit", arguments->limit, "at most so many (default 100)")
      ->check(CLI::PositiveNumber);
  app->callback([&selected, arguments] {
    selected = [arguments](session& s) { return list(s, *arguments); };
  });
}

}  // namespace

void add_kv_commands(CLI::App& app, command& selected) {
  auto* kv = app.add_subcommand("kv", "the key-value store")->require_subcommand(1);
  add_put(*kv, selected);
  add_get(*kv, selected);
  add_delete(*kv, selected);
  add_list(*kv, selected);
}

}  // namespace troupe::apps

// troupe-bench: loads a cluster and prints throughput and latencies.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "bench/group_load.hpp"
#include "bench/http_load.hpp"
#include "bench/key_fill.hpp"
#include "bench/local_cluster.hpp"
#include "groups/client.hpp"

namespace {

using troupe::bench::load_options;
using troupe::bench::load_result;
using outcome = troupe::raft::expected<load_result, std::string>;

struct arguments {
  std::string target = "native";
  std::string output = "text";
  std::string directory = std::filesystem::temp_directory_path().string();
  double seconds = 5;
  double warmup = 1;
  bool overload = false;
  std::string consistency = "linearizable";
  load_options load;
};

constexpr double overload_share_min = 0.8;

void describe_pace(CLI::App& app, arguments& given) {
  app.add_option(
         "--rate", given.load.rate,
         "requests a second, due at fixed times from which latencies count; those that find "
         "no free caller wait (default: each answer makes the next request)")
      ->check(CLI::Range(0.1, 1e8));
  app.add_flag("--overload", given.overload,
               "measure, then ask for four times as much; fails when less than 0.8 of it is done");
  app.add_flag("--progress", given.load.progress, "a line a second on stderr");
}

void describe(CLI::App& app, arguments& given) {
  app.description("Loads key-value groups of a cluster and prints throughput and latencies.");
  app.add_option("--target", given.target,
                 "native: the client library; http: /kv/v1; local: three nodes in this process, "
                 "through the client library; inprocess: the same without a client")
      ->check(CLI::IsMember({"native", "http", "local", "inprocess"}));
  app.add_option("--endpoints", given.load.endpoints, "host:port,… of the nodes")->delimiter(',');
  app.add_option("--group", given.load.group, "group (default kv)");
  app.add_option("--groups", given.load.groups,
                 "load NAME-0 to NAME-(N-1) in turn, NAME being that of --group (default 1: NAME)")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--clients", given.load.clients, "callers (default 64)")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--depth", given.load.depth, "requests that each keeps under way (default 1)")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--seconds", given.seconds, "measured time (default 5)")
      ->check(CLI::Range(0.1, 86'400.0));
  app.add_option("--warmup", given.warmup, "time before it (default 1)")
      ->check(CLI::Range(0.0, 3'600.0));
  app.add_option("--value-bytes", given.load.value_bytes, "size of a value (default 256)")
      ->check(CLI::Range(0, 4 << 20));
  app.add_option("--keys", given.load.keys, "number of keys (default 10000)")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--reads", given.load.reads, "fraction of reads (default 0)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--consistency", given.consistency, "of reads: linearizable (default) or local")
      ->check(CLI::IsMember({"linearizable", "local"}));
  app.add_flag("--fill", given.load.fill, "write every key before, so that reads find it");
  describe_pace(app, given);
  app.add_flag("--leader,!--spread", given.load.leader_only,
               "http: only to the leader's node, instead of all nodes in turn");
  app.add_option("--threads", given.load.threads, "of the client library (default 1)")
      ->check(CLI::Range(1, 64));
  app.add_option("--directory", given.directory,
                 "local, inprocess: where the nodes keep their data");
  app.add_option("--output", given.output, "text or json (default text)")
      ->check(CLI::IsMember({"text", "json"}));
}

outcome load_targets(const load_options& options, const std::vector<troupe::group>& targets) {
  if (options.fill) {
    if (auto failed = fill_keys(options, targets); !failed.empty()) {
      return troupe::raft::unexpected(std::move(failed));
    }
  }
  return load_groups(options, targets);
}

outcome load_native(const load_options& options) {
  auto connected = troupe::client::connect(
      {options.endpoints, {}, options.threads});
  if (!connected) return troupe::raft::unexpected(connected.error().message);
  std::vector<troupe::group> targets;
  for (const auto& name : group_names(options)) targets.push_back((*connected)->group(name));
  return load_targets(options, targets);
}

outcome load_own_nodes(const arguments& given) {
  auto started = troupe::bench::local_cluster::start(given.directory, group_names(given.load));
  if (!started) return troupe::raft::unexpected(started.error());
  if (given.target == "inprocess") {
    return load_targets(given.load, (*started)->leading_groups());
  }
  auto options = given.load;
  options.endpoints = (*started)->endpoints();
  return load_native(options);
}

outcome load(const arguments& given) {
  if (given.target == "native") return load_native(given.load);
  if (given.target == "http") return troupe::bench::load_http(given.load);
  return load_own_nodes(given);
}

std::chrono::milliseconds as_duration(double seconds) {
  return std::chrono::milliseconds(std::lround(seconds * 1e3));
}

std::string shown(const arguments& given, const load_options& options, const load_result& r) {
  const auto show = given.output == "json" ? troupe::bench::as_json : troupe::bench::as_text;
  return show(given.target, options, r);
}

/// Empty when what is done under four times the load is most of the peak.
std::string overload(arguments given, const load_result& peak) {
  const auto at_peak = shown(given, given.load, peak);
  given.load = overload_of(given.target, given.load, peak.per_second());
  const auto measured = load(given);
  if (!measured) return measured.error();
  const auto overloaded = shown(given, given.load, *measured);
  if (given.output == "json") {
    std::cout << "{\"peak\": " << at_peak << ",\n\"overload\": " << overloaded << "}\n";
  } else {
    std::cout << at_peak << '\n' << overloaded << '\n';
  }
  if (measured->per_second() >= overload_share_min * peak.per_second()) return {};
  return "asked for four times its peak, it does less than 0.8 of the peak";
}

/// Empty when the load was measured and came to something.
std::string run(const arguments& given) {
  const auto measured = load(given);
  if (!measured) return measured.error();
  if (given.overload && measured->latencies.count() > 0) return overload(given, *measured);
  std::cout << shown(given, given.load, *measured) << '\n';
  return measured->latencies.count() > 0 ? "" : "no request succeeded";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  arguments given;
  describe(app, given);
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::warn);
  given.load.measured = as_duration(given.seconds);
  given.load.warmup = as_duration(given.warmup);
  given.load.local_reads = given.consistency == "local";
  if (given.overload && given.load.rate > 0) {
    std::cerr << "troupe-bench: --overload finds its own --rate\n";
    return 2;
  }
  if (const auto wrong = complaint(given.target, given.load); !wrong.empty()) {
    std::cerr << "troupe-bench: " << wrong << '\n';
    return 2;
  }
  if (const auto failed = run(given); !failed.empty()) {
    std::cerr << "troupe-bench: " << failed << '\n';
    return 1;
  }
  return 0;
}

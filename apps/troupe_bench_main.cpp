// troupe-bench: loads a cluster and prints throughput and latencies.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "bench/group_load.hpp"
#include "bench/http_load.hpp"
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
  load_options load;
};

void describe(CLI::App& app, arguments& given) {
  app.description("Loads the key-value group of a cluster and prints throughput and latencies.");
  app.add_option("--target", given.target,
                 "native: the client library; http: /kv/v1; local: three nodes in this process, "
                 "through the client library; inprocess: the same without a client")
      ->check(CLI::IsMember({"native", "http", "local", "inprocess"}));
  app.add_option("--endpoints", given.load.endpoints, "host:port,… of the nodes")->delimiter(',');
  app.add_option("--group", given.load.group, "group (default kv)");
  app.add_option("--clients", given.load.clients, "callers with one request each (default 64)")
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
  app.add_flag("--leader,!--spread", given.load.leader_only,
               "http: only to the leader's node, instead of all nodes in turn");
  app.add_option("--threads", given.load.threads, "of the client library (default 1)")
      ->check(CLI::Range(1, 64));
  app.add_option("--directory", given.directory,
                 "local, inprocess: where the nodes keep their data");
  app.add_option("--output", given.output, "text or json (default text)")
      ->check(CLI::IsMember({"text", "json"}));
}

outcome load_native(const load_options& options) {
  auto connected = troupe::client::connect(
      {options.endpoints, {}, options.threads});
  if (!connected) return troupe::raft::unexpected(connected.error().message);
  return troupe::bench::load_group(options, (*connected)->group(options.group));
}

outcome load_own_nodes(const arguments& given) {
  auto started = troupe::bench::local_cluster::start(given.directory);
  if (!started) return troupe::raft::unexpected(started.error());
  if (given.target == "inprocess") {
    return troupe::bench::load_group(given.load, (*started)->leading_group());
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

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  arguments given;
  describe(app, given);
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::warn);
  given.load.measured = as_duration(given.seconds);
  given.load.warmup = as_duration(given.warmup);
  const auto measured = load(given);
  if (!measured) {
    std::cerr << "troupe-bench: " << measured.error() << '\n';
    return 1;
  }
  const auto show = given.output == "json" ? troupe::bench::as_json : troupe::bench::as_text;
  std::cout << show(given.target, given.load, *measured) << '\n';
  return measured->latencies.count() == 0 ? 1 : 0;
}

// troupe-bench-node: one node with many key-value groups, for measurements. Prints `ready` with the
// time that it took, as JSON; then `status` on its input is answered with one line of JSON. Ends by
// SIGTERM or SIGINT.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/bench_node.hpp"

namespace {

using troupe::bench::bench_node;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t command_bytes_max = 1024;
constexpr std::chrono::milliseconds pause{20};

struct arguments {
  std::uint64_t id = 1;
  std::vector<std::string> members;
  std::size_t groups = 1;
  std::string log_level = "warn";
  troupe::node_options node;
};

void describe_times(CLI::App& app, troupe::node_options& node) {
  const auto milliseconds = [&app](const char* name, std::chrono::milliseconds& value,
                                   const char* what) {
    app.add_option_function<std::int64_t>(
           name, [&value](std::int64_t ms) { value = std::chrono::milliseconds(ms); }, what)
        ->default_str(std::to_string(value.count()));
  };
  milliseconds("--quiesce-after-ms", node.quiesce_after, "groups idle so long fall silent");
  milliseconds("--heartbeat-ms", node.heartbeat, "between heartbeats of a leader");
  milliseconds("--election-timeout-ms", node.election_timeout, "silence before an election");
}

void describe(CLI::App& app, arguments& given) {
  app.description("One node of the library with key-value groups load-0, load-1, …");
  app.add_option("--node-id", given.id, "this node (default 1)");
  app.add_option("--members", given.members, "id=host:port,… of all nodes")
      ->delimiter(',')
      ->required();
  app.add_option("--data-dir", given.node.data_directory, "where its data is")->required();
  app.add_option("--groups", given.groups, "number of groups (default 1)")
      ->check(CLI::Range(1, 1'000'000));
  describe_times(app, given.node);
  app.add_option("--log-entries-max", given.node.log_entries_max,
                 "a group's log is cut when it is longer");
  app.add_option("--threads", given.node.threads,
                 "for sockets and actors (default: half the cores)")
      ->check(CLI::Range(0, 64));
  app.add_option("--log-level", given.log_level, "debug, info, warn (default) or error");
}

/// False when one of them is not id=host:port; node::open() judges the rest.
bool take_members(arguments& given) {
  given.node.id = troupe::raft::node_id{given.id};
  for (const auto& text : given.members) {
    const auto equals = text.find('=');
    std::uint64_t id = 0;
    const auto* const end = text.data() + std::min(equals, text.size());
    const auto [stop, failed] = std::from_chars(text.data(), end, id);
    if (equals == std::string::npos || failed != std::errc{} || stop != end) return false;
    given.node.members[troupe::raft::node_id{id}] = text.substr(equals + 1);
  }
  return true;
}

/// What the process does once its node runs: tells when it is ready, answers, ends.
class service {
 public:
  service(bench_node& served, clock_type::time_point began)
      : node_(served), began_(began), added_(clock_type::now()) {}

  void run() {
    signals_.async_wait([this](auto, auto) { io_.stop(); });
    boost::system::error_code failed;
    input_.assign(::dup(STDIN_FILENO), failed);
    if (!failed) read_command();
    look_whether_ready();
    io_.run();
  }

 private:
  static auto milliseconds(clock_type::duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  }

  void look_whether_ready() {
    const auto asked = clock_type::now();
    if (node_.is_ready()) {
      const auto now = clock_type::now();
      std::cout << "ready "
                << nlohmann::json{{"added_ms", milliseconds(added_ - began_)},
                                  {"ready_ms", milliseconds(now - began_)}}
                << std::endl;
      return;
    }
    // Asking thousands of groups must not be what they are busy with.
    timer_.expires_after(std::max<clock_type::duration>(pause, 8 * (clock_type::now() - asked)));
    timer_.async_wait([this](auto) { look_whether_ready(); });
  }

  void read_command() {
    boost::asio::async_read_until(
        input_, boost::asio::dynamic_buffer(given_, command_bytes_max), '\n',
        [this](auto failed, std::size_t size) {
          if (failed) return;  // nobody will ask
          const auto command = given_.substr(0, size - 1);
          given_.erase(0, size);
          if (command == "status") {
            std::cout << troupe::bench::as_json(node_.summary()) << std::endl;
          } else {
            std::cout << R"({"error": "the only command is: status"})" << std::endl;
          }
          read_command();
        });
  }

  bench_node& node_;
  clock_type::time_point began_;
  clock_type::time_point added_;
  boost::asio::io_context io_;
  boost::asio::signal_set signals_{io_, SIGTERM, SIGINT};
  boost::asio::posix::stream_descriptor input_{io_};
  boost::asio::steady_timer timer_{io_};
  std::string given_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto began = clock_type::now();
  CLI::App app;
  arguments given;
  describe(app, given);
  CLI11_PARSE(app, argc, argv);
  if (!take_members(given)) {
    std::cerr << "troupe-bench-node: --members wants id=host:port,…\n";
    return 2;
  }
  // Its output is for programs.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("node"));
  spdlog::set_level(spdlog::level::from_str(given.log_level));
  auto started = bench_node::start(given.node, given.groups);
  if (!started) {
    std::cerr << "troupe-bench-node: " << started.error() << '\n';
    return 3;
  }
  service(**started, began).run();
  (*started)->stop();
  return 0;
}

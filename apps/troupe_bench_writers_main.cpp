// troupe-bench-writers: writes to many groups all the time. Says `writing` once each of them took a
// write; `mark` on its input is answered, once each took another one, with how long that took, as
// JSON. Ends by SIGTERM or the end of its input.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/bench_node.hpp"
#include "bench/group_writers.hpp"
#include "groups/client.hpp"

namespace {

using namespace troupe;

constexpr std::size_t command_bytes_max = 1024;

struct arguments {
  std::vector<std::string> endpoints;
  std::size_t groups = 1000;
  bench::writers_options writers;
};

void describe(CLI::App& app, arguments& given) {
  app.description("Writes to the groups of troupe-bench-node, and tells when each takes writes.");
  app.add_option("--endpoints", given.endpoints, "host:port,… of the nodes")
      ->delimiter(',')
      ->required();
  app.add_option("--groups", given.groups, "number of groups (default 1000)")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option_function<std::int64_t>(
         "--pause-ms",
         [&given](std::int64_t ms) { given.writers.pause = std::chrono::milliseconds(ms); },
         "between two writes to a group (default 250)")
      ->check(CLI::Range(1, 60'000));
}

std::string as_json(bench::recovery_times times) {
  std::sort(times.begin(), times.end());
  const auto milliseconds_of = [&times](double share) {
    const auto at = static_cast<std::size_t>(share * static_cast<double>(times.size() - 1));
    return std::chrono::duration_cast<std::chrono::milliseconds>(times[at]).count();
  };
  return nlohmann::json{{"groups", times.size()},
                        {"p50_ms", milliseconds_of(0.5)},
                        {"p99_ms", milliseconds_of(0.99)},
                        {"max_ms", milliseconds_of(1)}}
      .dump();
}

/// Reads `mark` until its input ends.
class commands {
 public:
  commands(boost::asio::io_context& io, bench::group_writers& writers)
      : io_(io), writers_(writers), input_(io, ::dup(STDIN_FILENO)) {}

  void read() {
    boost::asio::async_read_until(
        input_, boost::asio::dynamic_buffer(given_, command_bytes_max), '\n',
        [this](auto failed, std::size_t size) {
          if (failed) return io_.stop();
          const bool is_mark = given_.substr(0, size - 1) == "mark";
          given_.erase(0, size);
          if (is_mark) {
            writers_.mark([](auto times) { std::cout << as_json(std::move(times)) << std::endl; });
          } else {
            std::cout << R"({"error": "the only command is: mark"})" << std::endl;
          }
          read();
        });
  }

 private:
  boost::asio::io_context& io_;
  bench::group_writers& writers_;
  boost::asio::posix::stream_descriptor input_;
  std::string given_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  arguments given;
  describe(app, given);
  CLI11_PARSE(app, argc, argv);
  // Its output is for programs.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("writers"));
  spdlog::set_level(spdlog::level::warn);
  boost::asio::io_context io;
  auto connected = client::connect({given.endpoints, {}, 1});
  if (!connected) {
    std::cerr << "troupe-bench-writers: " << connected.error().message << '\n';
    return 1;
  }
  std::vector<group> targets;
  for (std::size_t i = 0; i < given.groups; ++i) {
    targets.push_back((*connected)->group(bench::load_group_name(i)));
  }
  bench::group_writers writers(io, given.writers, std::move(targets));
  writers.start([] { std::cout << "writing" << std::endl; });
  commands given_commands(io, writers);
  given_commands.read();
  io.run();
  std::cout.flush();
  std::_Exit(0);  // answers that are still to come find nobody
}

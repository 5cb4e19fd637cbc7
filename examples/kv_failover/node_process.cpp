#include "node_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <troupe/groups/node.hpp>
#include <troupe/processors/key_value.hpp>

namespace {

constexpr int report_descriptor = 3;

/// The key-value processor, which also reports when its node begins to lead.
class reporting_key_value : public troupe::processors::key_value {
 public:
  void leader_started(troupe::raft::term term) override {
    dprintf(report_descriptor, "%s\n", to_string(term).c_str());
  }
};

std::map<troupe::raft::node_id, std::string> parse_members(const std::string& text) {
  std::map<troupe::raft::node_id, std::string> members;
  std::istringstream all(text);
  for (std::string one; std::getline(all, one, ',');) {
    const auto equals = one.find('=');
    members[troupe::raft::node_id(std::stoull(one))] = one.substr(equals + 1);
  }
  return members;
}

}  // namespace

int run_node(troupe::raft::node_id id, const std::string& members, const std::string& data) {
  troupe::node_options options;
  options.id = id;
  options.members = parse_members(members);
  options.data_directory = data + "/" + to_string(id);
  options.election_timeout = std::chrono::milliseconds(300);
  options.heartbeat = std::chrono::milliseconds(30);
  auto opened = troupe::node::open(options);
  if (!opened) {
    fprintf(stderr, "node %s: %s\n", to_string(id).c_str(), opened.error().message.c_str());
    return 1;
  }
  const auto added = (*opened)->add(std::make_shared<reporting_key_value>());
  if (added.code != troupe::error_code::ok) return 1;
  for (;;) pause();
}

node_process::node_process(troupe::raft::node_id id, const std::string& members,
                           const std::string& data) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const auto name = to_string(id);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (ends[1] == report_descriptor) {
      fcntl(ends[1], F_SETFD, 0);
    } else {
      dup2(ends[1], report_descriptor);
    }
    execl("/proc/self/exe", "kv_failover", "--node", name.c_str(), members.c_str(), data.c_str(),
          nullptr);
    _exit(127);
  }
  close(ends[1]);
  reports_ = ends[0];
  fcntl(reports_, F_SETFL, O_NONBLOCK);
}

node_process::~node_process() {
  kill();
  close(reports_);
}

void node_process::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  led_ = 0;
}

std::uint64_t node_process::led_term() {
  char text[256];
  for (ssize_t n = 0; (n = read(reports_, text, sizeof text)) > 0;) {
    line_.append(text, static_cast<std::size_t>(n));
  }
  for (std::size_t end = 0; (end = line_.find('\n')) != std::string::npos;
       line_.erase(0, end + 1)) {
    led_ = std::stoull(line_);
  }
  return led_;
}

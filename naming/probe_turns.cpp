#include "naming/probe_turns.hpp"

#include "raft/invariant.hpp"

namespace troupe::naming {

void probe_turns::due(id who, const std::string& host) {
  auto& at = hosts_[host];
  at.due.push_back(who);
  ++waiting_;
  if (at.in_line || at.open >= open_per_host_max_) return;
  at.in_line = true;
  line_.push_back(host);
}

std::optional<probe_turns::turn> probe_turns::next() {
  if (open_ >= open_max_ || line_.empty()) return std::nullopt;
  turn now{0, std::move(line_.front())};
  line_.pop_front();
  auto& at = hosts_.at(now.host);
  now.who = at.due.front();
  at.due.pop_front();
  --waiting_;
  ++at.open;
  ++open_;
  at.in_line = !at.due.empty() && at.open < open_per_host_max_;
  if (at.in_line) line_.push_back(now.host);
  return now;
}

void probe_turns::done(const std::string& host) {
  const auto found = hosts_.find(host);
  RAFT_CHECK(found != hosts_.end() && found->second.open > 0, "done() answers one next()");
  auto& at = found->second;
  --at.open;
  --open_;
  if (at.due.empty()) {
    if (at.open == 0) hosts_.erase(found);
    return;
  }
  if (at.in_line) return;
  at.in_line = true;
  line_.push_back(host);
}

void probe_turns::forget_due() {
  waiting_ = 0;
  line_.clear();
  for (auto& [host, at] : hosts_) {
    at.due.clear();
    at.in_line = false;
  }
  std::erase_if(hosts_, [](const auto& entry) { return entry.second.open == 0; });
}

}  // namespace troupe::naming

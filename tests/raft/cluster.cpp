#include "cluster.hpp"

#include <catch2/catch.hpp>

namespace troupe::raft::testing {

cluster::cluster(std::uint64_t n, const tuning& tune) {
  std::vector<std::uint64_t> voters;
  for (std::uint64_t id = 1; id <= n; ++id) {
    voters.push_back(id);
  }
  for (const auto id : voters) {
    auto options = options_of(id);
    if (tune) {
      tune(options);
    }
    add(id, options, disk_of(voters));
  }
}

void cluster::add(std::uint64_t id, core_options options, disk held) {
  hosts_[id] = std::make_unique<host>(options, std::move(held));
}

void cluster::collect() {
  for (auto& [id, h] : hosts_) {
    for (auto& m : std::exchange(h->outbox, {})) {
      const bool is_cut = cut_.count(id) != 0 || cut_.count(m.to.value()) != 0;
      if (!is_cut && !(loses && loses(m))) {
        wire.push_back(std::move(m));
      }
    }
  }
}

void cluster::deliver() {
  for (auto& m : std::exchange(wire, {})) {
    const auto to = hosts_.find(m.to.value());
    if (to != hosts_.end() && to->second->is_up()) {
      to->second->machine().step(std::move(m));
    }
  }
}

void cluster::settle() {
  for (int round = 0; round < 10000; ++round) {
    for (auto& [id, h] : hosts_) {
      if (h->is_up()) {
        h->run();
      }
    }
    collect();
    if (wire.empty()) {
      return;
    }
    deliver();
  }
  FAIL("the cluster does not come to rest");
}

void cluster::tick(std::uint32_t count) {
  for (; count > 0; --count) {
    for (auto& [id, h] : hosts_) {
      if (h->is_up()) {
        h->machine().tick(1);
      }
    }
    settle();
  }
}

void cluster::elect(std::uint64_t id) {
  (*this)[id]->campaign();
  settle();
  REQUIRE((*this)[id]->soft().role == role::leader);
}

std::optional<refusal> cluster::propose(std::uint64_t id, std::string data) {
  const bytes command = text(std::move(data));
  const auto put = (*this)[id]->propose({&command, 1});
  return put ? std::nullopt : std::optional{put.error()};
}

std::uint64_t cluster::leader() const {
  std::uint64_t found = 0;
  raft::term newest;
  for (const auto& [id, h] : hosts_) {
    if (h->is_up() && h->machine().soft().role == role::leader &&
        h->machine().soft().term >= newest) {
      found = id;
      newest = h->machine().soft().term;
    }
  }
  return found;
}

}  // namespace troupe::raft::testing

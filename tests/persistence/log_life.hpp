// log_life: what the logs of some groups should be, told as simply as possible, and random writes
// that change them. Whatever a store holds is compared with it entry by entry.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "persistence/log_store.hpp"
#include "tests/persistence/log_fixture.hpp"

namespace troupe::persistence {

struct group_model {
  struct held_entry {
    std::uint64_t term = 0;
    std::size_t bytes = 0;
    std::uint64_t voter = 0;  ///< of a configuration entry; 0: it is none
    friend bool operator==(const held_entry&, const held_entry&) = default;
  };

  raft::hard_state hard;
  raft::snapshot_point point{{}, {}, voters_of({1, 2, 3})};
  std::map<std::uint64_t, held_entry> entries;

  [[nodiscard]] std::uint64_t last() const {
    return entries.empty() ? point.index.value() : entries.rbegin()->first;
  }
  friend bool operator==(const group_model&, const group_model&) = default;
};

/// By group, from 1 up.
using log_model = std::vector<group_model>;

inline std::string text_of(const log_model& logs) {
  std::string text;
  for (const auto& log : logs) {
    text += "term " + to_string(log.hard.term) + " vote " + to_string(log.hard.vote) + ", (" +
            to_string(log.point.index) + ", " + std::to_string(log.last()) + "], " +
            std::to_string(log.entries.size()) + " entries; ";
  }
  return text;
}

inline raft::entry_ptr entry_of(std::uint64_t index, const group_model::held_entry& held) {
  if (held.voter == 0) return entry_of(index, held.term, held.bytes);
  auto e = std::make_shared<raft::entry>(*entry_of(index, held.term, held.bytes));
  e->type = raft::entry_type::configuration;
  e->peers = voters_of({held.voter});
  return e;
}

inline group_model read_back(log_store& store, raft::group_id group) {
  const auto state = store.load(group, voters_of({1, 2, 3}));
  INFO((state ? std::string() : state.error().message()));
  REQUIRE(state);
  group_model found;
  found.hard = state->hard;
  found.point = state->snapshot;
  if (state->last == state->snapshot.index) {
    CHECK(state->terms.empty());
    CHECK(state->configurations.empty());
    CHECK(store.bytes(group) == 0);
    return found;
  }
  const auto read = store.read(group, next(state->snapshot.index), state->last, 1ULL << 40U);
  INFO((read ? std::string() : read.error().message()));
  REQUIRE(read);
  REQUIRE(read->back()->index == state->last);
  std::vector<std::pair<raft::log_index, raft::term>> terms;
  std::vector<std::pair<raft::log_index, raft::configuration>> configurations;
  for (const auto& e : *read) {
    const group_model::held_entry held{e->term.value(), e->data.size(),
                                       e->peers ? e->peers->voters.front().value() : 0};
    REQUIRE(e->data == entry_of(e->index.value(), held)->data);
    found.entries[e->index.value()] = held;
    if (terms.empty() || terms.back().second != e->term) terms.emplace_back(e->index, e->term);
    if (e->peers) configurations.emplace_back(e->index, *e->peers);
  }
  CHECK(state->terms == terms);
  CHECK(state->configurations == configurations);
  CHECK(store.bytes(group) > 0);
  return found;
}

inline log_model read_back(log_store& store, std::size_t groups) {
  log_model found;
  for (std::size_t g = 1; g <= groups; ++g) found.push_back(read_back(store, raft::group_id{g}));
  return found;
}

class random_life {
 public:
  explicit random_life(std::uint64_t seed) : chance_(seed) {}

  [[nodiscard]] std::uint64_t pick(std::uint64_t first, std::uint64_t last) {
    return std::uniform_int_distribution<std::uint64_t>(first, last)(chance_);
  }

  /// One append or compaction; `after` becomes what the logs are once it is done.
  status step(log_store& store, log_model& after) {
    const auto g = pick(0, after.size() - 1);
    if (pick(0, 5) == 0) return compact(store, raft::group_id{g + 1}, after[g]);
    std::vector<raft::write> writes(pick(1, 3));
    std::vector<group_write> jobs;
    for (auto& w : writes) {
      // Group 1 writes seldom: what it holds is copied forward again and again.
      const auto of = pick(0, 15) == 0 ? 0 : pick(0, after.size() - 1);
      w = write_for(after[of]);
      jobs.push_back({raft::group_id{of + 1}, &w});
    }
    return store.append(jobs);
  }

 private:
  raft::write write_for(group_model& after) {
    switch (pick(0, 11)) {
      case 0:
        return install(after);
      case 1:
        return vote(after);
      case 2:
      case 3:
        return append(after, pick(after.point.index.value() + 1, after.last() + 1));
      default:
        return append(after, after.last() + 1);
    }
  }

  raft::write vote(group_model& after) {
    after.hard = {next(after.hard.term), raft::node_id{pick(0, 3)}};
    raft::write w;
    w.hard = after.hard;
    return w;
  }

  raft::write append(group_model& after, std::uint64_t first) {
    after.hard = {raft::term{after.hard.term.value() + pick(0, 1)}, raft::node_id{pick(0, 3)}};
    // A replaced tail always comes from a later term.
    if (first <= after.last()) after.hard.term = next(after.hard.term);
    after.hard.term = std::max(after.hard.term, raft::term{1});
    after.entries.erase(after.entries.lower_bound(first), after.entries.end());
    raft::write w;
    w.hard = after.hard;
    const auto count = pick(1, 12);
    const auto bytes = pick(0, pick(0, 9) == 0 ? 3000 : 100);
    for (auto index = first; index < first + count; ++index) {
      const group_model::held_entry held{after.hard.term.value(), bytes,
                                         pick(0, 9) == 0 ? pick(1, 9) : 0};
      after.entries[index] = held;
      w.entries.push_back(entry_of(index, held));
    }
    return w;
  }

  raft::write install(group_model& after) {
    after.hard.term = next(after.hard.term);
    after.point = {raft::log_index{after.last() + pick(1, 50)}, after.hard.term,
                   voters_of({pick(1, 9)})};
    after.entries.clear();
    raft::write w;
    w.hard = after.hard;
    w.snapshot = raft::install_snapshot{after.point, {}};
    return w;
  }

  status compact(log_store& store, raft::group_id group, group_model& after) {
    const auto index = pick(after.point.index.value(), after.last());
    if (index > after.point.index.value()) {
      const auto end = after.entries.upper_bound(index);
      for (auto e = after.entries.begin(); e != end; e = after.entries.erase(e)) {
        if (e->second.voter != 0) after.point.peers = voters_of({e->second.voter});
        after.point.term = raft::term{e->second.term};
      }
      after.point.index = raft::log_index{index};
    }
    return store.compact(group, raft::log_index{index});
  }

  std::mt19937_64 chance_;
};

}  // namespace troupe::persistence

// log_fixture: one log store in a scratch directory, and short words for what tests do with it.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "persistence/log_store.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {

inline raft::entry_ptr entry_of(std::uint64_t index, std::uint64_t term, std::size_t bytes = 20) {
  auto e = std::make_shared<raft::entry>();
  e->index = raft::log_index{index};
  e->term = raft::term{term};
  e->type = raft::entry_type::data;
  e->data = raft::bytes(std::string(bytes, static_cast<char>('a' + index % 26)));
  return e;
}

/// A stable configuration; `ids` ascending.
inline raft::configuration voters_of(std::initializer_list<std::uint64_t> ids) {
  raft::configuration peers;
  for (const auto id : ids) {
    peers.voters.emplace_back(id);
  }
  return peers;
}

class log_fixture {
 public:
  const raft::group_id group{7};

  explicit log_fixture(rocksdb::Env* env = nullptr, std::uint64_t segment_bytes = 1U << 20U)
      : segment_bytes_(segment_bytes), env_(env) {
    reopen();
  }

  [[nodiscard]] std::string path() const { return directory_.path() + "/log"; }
  [[nodiscard]] log_store& store() { return *store_; }

  void close() { store_.reset(); }
  status try_open() {
    auto opened = log_store::open({path(), segment_bytes_, env_});
    if (!opened) {
      return opened.error();
    }
    store_ = *std::move(opened);
    return {};
  }
  void reopen() {
    close();
    const auto opened = try_open();
    INFO(opened.message());
    REQUIRE(opened.ok());
  }

  status append(const raft::write& w) {
    const group_write one{group, &w};
    return store_->append({&one, 1});
  }

  static raft::write write_of(std::uint64_t first, const std::vector<std::uint64_t>& terms,
                              std::optional<raft::hard_state> hard = std::nullopt,
                              std::size_t bytes = 20) {
    raft::write w;
    w.hard = hard;
    for (std::uint64_t i = 0; i < terms.size(); ++i) {
      w.entries.push_back(entry_of(first + i, terms[i], bytes));
    }
    return w;
  }

  void append_entries(std::uint64_t first, const std::vector<std::uint64_t>& terms,
                      std::optional<raft::hard_state> hard = std::nullopt) {
    const auto done = append(write_of(first, terms, hard));
    INFO(done.message());
    REQUIRE(done.ok());
  }

  void append_configuration(std::uint64_t index, std::uint64_t term,
                            const raft::configuration& peers) {
    auto e = std::make_shared<raft::entry>();
    e->index = raft::log_index{index};
    e->term = raft::term{term};
    e->type = raft::entry_type::configuration;
    e->peers = peers;
    raft::write w;
    w.entries = {e};
    REQUIRE(append(w).ok());
  }

  raft::restored_state load(const raft::configuration& initial) {
    auto state = store_->load(group, initial);
    INFO((state ? std::string() : state.error().message()));
    REQUIRE(state);
    return *std::move(state);
  }

  std::vector<std::uint64_t> terms_read(std::uint64_t first, std::uint64_t last) {
    const auto found =
        store_->read(group, raft::log_index{first}, raft::log_index{last}, 1U << 30U);
    INFO((found ? std::string() : found.error().message()));
    REQUIRE(found);
    std::vector<std::uint64_t> terms;
    for (const auto& e : *found) {
      terms.push_back(e->term.value());
    }
    return terms;
  }

  raft::term term_of(std::uint64_t index) { return raft::term{terms_read(index, index).front()}; }

 private:
  scratch_directory directory_;
  std::uint64_t segment_bytes_;
  rocksdb::Env* env_;
  std::unique_ptr<log_store> store_;
};

}  // namespace troupe::persistence

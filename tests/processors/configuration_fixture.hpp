// configuration_fixture: the group of configurations over a state in memory, its commands in short
// words, and what its observer heard.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "persistence/memory_state.hpp"
#include "processors/configuration.hpp"
#include "processors/configuration_items.hpp"
#include "processors/configuration_queries.hpp"
#include "processors/md5.hpp"

namespace troupe::test {

namespace cfg = processors::config;

/// "tenant|group|data id"
inline std::string shown(const cfg::item_key& k) {
  return std::string(k.tenant) + '|' + std::string(k.config_group) + '|' + std::string(k.data_id);
}

class hearing_observer final : public cfg::configuration_observer {
 public:
  void items_begin() override {
    standing.clear();
    told.emplace_back("begin");
  }
  void item_put(const cfg::item_key& key, std::string_view md5) override {
    standing[shown(key)] = md5;
    told.push_back("put " + shown(key));
  }
  void item_erased(const cfg::item_key& key) override {
    standing.erase(shown(key));
    told.push_back("erased " + shown(key));
  }
  void items_loaded() override { told.emplace_back("loaded"); }
  void committed() override { told.emplace_back("committed"); }

  std::map<std::string, std::string> standing;  ///< digest by key
  std::vector<std::string> told;
};

class configuration_group {
 public:
  explicit configuration_group(processors::configuration_limits limits = {})
      : processor_([&] {
          std::vector<processors::configuration::part_ptr> parts;
          parts.push_back(std::make_unique<processors::configuration_items>(heard, limits));
          return parts;
        }()) {}

  /// One entry, kept when it succeeds, as an FSM caller feeds it.
  reply apply(std::string data) {
    auto answer = apply_only(std::move(data));
    processor_.committed();
    return answer;
  }
  /// Without telling the processor that it was committed.
  reply apply_only(std::string data) {
    const auto index = raft::log_index{++last_};
    auto write = state_.begin();
    write->set_savepoint();
    auto answer = processor_.apply({index, raft::term{1}, raft::bytes(std::move(data))}, *write);
    if (!answer.success) write->rollback();
    static_cast<void>(write->commit({index, raft::term{1}, {}}));
    return answer;
  }
  [[nodiscard]] reply ask(const std::string& query) const {
    return processor_.query(query, *state_.view());
  }
  void load() { processor_.loaded(*state_.view()); }
  [[nodiscard]] const processors::configuration& processor() const { return processor_; }
  [[nodiscard]] const persistence::memory_keys& keys() const { return state_.keys(); }

  std::shared_ptr<hearing_observer> heard = std::make_shared<hearing_observer>();

 private:
  processors::configuration processor_;
  persistence::memory_state state_;
  std::uint64_t last_ = 0;
};

inline std::uint64_t next_request() {
  static std::uint64_t last = 0;
  return ++last;
}

/// Digests live as long as the test program: commands only point to them.
inline std::string_view digest(std::string_view content) {
  static std::map<std::string, std::string, std::less<>> known;
  return known.try_emplace(std::string(content), processors::md5_hex(content)).first->second;
}

inline cfg::publish publication(cfg::item_key key, std::string_view content,
                                std::uint64_t now_ms = 1'000) {
  cfg::publish c;
  c.key = key;
  c.content = content;
  c.md5 = digest(content);
  c.type = "text";
  c.source = {"10.0.0.1", "ann"};
  c.stamp = {now_ms, next_request(), raft::node_id{1}};
  return c;
}

inline cfg::remove removal(cfg::item_key key, std::uint64_t now_ms = 1'000) {
  return {key, {"10.0.0.2", "bob"}, {now_ms, next_request(), raft::node_id{1}}};
}

/// What was done; the digest is copied into `md5` when asked for.
inline cfg::write_reply written(const reply& r, std::string* md5 = nullptr) {
  REQUIRE(r.success);
  auto decoded = cfg::decode_write_reply(r.data);
  REQUIRE(decoded);
  if (md5 != nullptr) *md5 = decoded->md5;
  decoded->md5 = {};
  return *decoded;
}

template <class Command>
cfg::write_reply write(configuration_group& g, const Command& c, std::string* md5 = nullptr) {
  return written(g.apply(cfg::encode(c)), md5);
}

/// The content that stands; empty when none does.
inline std::string content_of(const configuration_group& g, cfg::item_key key) {
  const auto r = g.ask(cfg::encode(cfg::get{key}));
  REQUIRE(r.success);
  const auto found = cfg::decode_get_reply(r.data);
  REQUIRE(found);
  return found->item ? std::string(found->content) : std::string();
}

/// "operation id content" of each row, newest first.
inline std::vector<std::string> history_of(const configuration_group& g, cfg::item_key key,
                                           cfg::page_wanted page = {}) {
  const auto r = g.ask(cfg::encode(cfg::history{key, page}));
  REQUIRE(r.success);
  const auto found = cfg::decode_history_reply(r.data);
  REQUIRE(found);
  std::vector<std::string> out;
  for (const auto& row : found->rows) {
    const auto one = g.ask(cfg::encode(cfg::get_history_row{row.id}));
    const auto full = cfg::decode_history_row_reply(one.data);
    REQUIRE(full);
    REQUIRE(full->row == row);
    out.push_back(std::string(1, static_cast<char>(row.operation)) + ' ' + std::to_string(row.id) +
                  ' ' + std::string(full->content));
  }
  return out;
}

}  // namespace troupe::test

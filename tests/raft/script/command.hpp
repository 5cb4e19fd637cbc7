// command: one command line, taken apart: verb, plain words, and key=value or key=(v1,v2). Whoever
// handles it takes what it knows; what nobody took is an error. Knows no verb.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "raft/types.hpp"
#include "tests/raft/script/script_file.hpp"

namespace troupe::raft::script {

class command {
 public:
  command(const std::string& line, std::vector<std::string> input_lines);

  std::string verb;
  std::vector<std::string> input;

  // ---- plain words, in order --------------------------------------------------------------
  [[nodiscard]] bool has_word() const { return next_word_ < words_.size(); }
  std::string take_word(const char* what);
  std::uint64_t take_number(const char* what);
  node_id take_id() { return node_id{take_number("a member's id")}; }
  /// All words that are left.
  std::vector<node_id> take_ids();

  // ---- key=value --------------------------------------------------------------------------
  std::optional<std::vector<std::string>> take_values(const std::string& key);
  std::optional<std::string> take_value(const std::string& key);
  std::optional<std::uint64_t> take_number_of(const std::string& key);
  std::optional<bool> take_flag(const std::string& key);
  std::vector<std::uint64_t> take_numbers(const std::string& key);

  /// Throws when something was given that nobody took.
  void finish() const;

 private:
  struct argument {
    std::string key;
    std::vector<std::string> values;
    bool is_taken = false;
  };

  std::vector<std::string> words_;
  std::size_t next_word_ = 0;
  std::vector<argument> arguments_;
};

std::uint64_t number_from(const std::string& text, const std::string& what);

}  // namespace troupe::raft::script

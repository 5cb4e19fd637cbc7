// script_file: an interaction script as text: blocks of comments, a command, its input lines, and
// what it is expected to print. Knows nothing of what commands mean.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::raft::script {

/// The script itself is wrong, whatever the cores do.
class script_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct block {
  std::vector<std::string> before;  ///< comments and empty lines in front of the command
  std::size_t line = 0;             ///< of the command, from 1
  std::string command;
  std::vector<std::string> input;
  bool has_expected = false;
  std::string expected;  ///< each line with its end
};

struct script_file {
  std::vector<block> blocks;
  std::vector<std::string> behind;  ///< comments after the last block
};

/// A command without `----` is taken, so that a new script can be rewritten; checking refuses it.
script_file parse_script(const std::string& text);
std::string print_script(const script_file& script);

}  // namespace troupe::raft::script

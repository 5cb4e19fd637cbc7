// player: plays a script, command by command, and tells what came of each. Knows neither files nor
// what is expected.
#pragma once

#include <string>

#include "tests/raft/script/script_file.hpp"
#include "tests/raft/script/stage.hpp"

namespace troupe::raft::script {

class player {
 public:
  /// What the command printed. Never throws.
  std::string play(const block& b);

  /// A command was not understood: the script is wrong.
  [[nodiscard]] bool has_script_error() const { return has_script_error_; }
  /// The cores did what no member may do.
  [[nodiscard]] bool has_broken_invariant() const { return has_broken_invariant_; }

 private:
  stage stage_;
  bool has_script_error_ = false;
  bool has_broken_invariant_ = false;
};

struct played {
  script_file script;       ///< with what each command printed
  std::string differences;  ///< a line-by-line comparison of the blocks that differ
  bool is_sound = true;     ///< neither a script error nor a broken invariant
};

/// Throws a script_error when `text` is no script at all.
played play_script(const std::string& text);

}  // namespace troupe::raft::script

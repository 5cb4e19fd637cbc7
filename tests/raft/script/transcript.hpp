// transcript: what a command prints, line by line, indented, as loud as was asked for. Knows
// nothing of what the lines say.
#pragma once

#include <string>
#include <vector>

namespace troupe::raft::script {

/// Each level holds those behind it. `none` leaves errors only.
enum class loudness { debug, info, warn, error, none };

class transcript {
 public:
  /// Throws a script_error for an unknown name.
  static loudness loudness_of(const std::string& name);

  /// Printed when this level, or a lower one, is asked for.
  void say(loudness level, const std::string& line) {
    if (level >= level_) {
      text_ += std::string(2 * depth_, ' ') + line + "\n";
    }
  }
  void debug(const std::string& line) { say(loudness::debug, line); }
  void info(const std::string& line) { say(loudness::info, line); }
  void warn(const std::string& line) { say(loudness::warn, line); }
  /// What a query asked for: printed at each level but none.
  void answer(const std::string& line) { say(loudness::error, line); }
  void error(const std::string& line) { say(loudness::none, "error: " + line); }

  [[nodiscard]] loudness level() const { return level_; }
  void set_level(loudness level) { level_ = level; }
  /// What was said since the last call; `ok` when nothing was.
  std::string take();

  /// Lines are indented while it lives.
  class indented {
   public:
    explicit indented(transcript& t) : of_(t) { ++of_.depth_; }
    ~indented() { --of_.depth_; }
    indented(const indented&) = delete;
    indented& operator=(const indented&) = delete;

   private:
    transcript& of_;
  };

 private:
  loudness level_ = loudness::debug;
  std::size_t depth_ = 0;
  std::string text_;
};

}  // namespace troupe::raft::script

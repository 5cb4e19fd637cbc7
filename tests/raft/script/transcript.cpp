#include "tests/raft/script/transcript.hpp"

#include <utility>

#include "tests/raft/script/script_file.hpp"

namespace troupe::raft::script {

loudness transcript::loudness_of(const std::string& name) {
  static const std::vector<std::pair<std::string, loudness>> names = {
      {"debug", loudness::debug}, {"info", loudness::info}, {"warn", loudness::warn},
      {"error", loudness::error}, {"none", loudness::none},
  };
  for (const auto& [known, level] : names) {
    if (known == name) {
      return level;
    }
  }
  throw script_error("there is no log level \"" + name + "\"");
}

std::string transcript::take() {
  return text_.empty() ? "ok\n" : std::exchange(text_, {});
}

}  // namespace troupe::raft::script

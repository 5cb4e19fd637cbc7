// applied_group: one processor over a state in memory, fed the way an FSM caller feeds it: each
// command under the next log index, kept when it succeeds, rolled back when it is refused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "groups/processor.hpp"
#include "persistence/memory_state.hpp"

namespace troupe::test {

template <class Processor>
class applied_group {
 public:
  /// The arguments go to the processor.
  template <class... Arguments>
  explicit applied_group(Arguments&&... arguments)
      : processor_(std::forward<Arguments>(arguments)...) {}

  reply apply(std::string data) {
    const auto index = raft::log_index{++last_};
    auto write = state_.begin();
    write->set_savepoint();
    auto answer = processor_.apply({index, raft::term{1}, raft::bytes(std::move(data))}, *write);
    if (!answer.success) write->rollback();
    static_cast<void>(write->commit({index, raft::term{1}, {}}));
    processor_.committed();
    return answer;
  }

  /// All in one batch, as long as they succeed: the state in memory is copied once, not once each.
  [[nodiscard]] bool apply_together(const std::vector<std::string>& commands) {
    auto write = state_.begin();
    for (const auto& data : commands) {
      const auto index = raft::log_index{++last_};
      if (!processor_.apply({index, raft::term{1}, raft::bytes(data)}, *write).success) {
        return false;
      }
    }
    const auto at = raft::log_index{last_};
    const bool kept = write->commit({at, raft::term{1}, {}}).ok();
    processor_.committed();
    return kept;
  }

  /// As behind a restart or a snapshot: the processor is shown the whole state.
  void load() { processor_.loaded(*state_.view()); }

  [[nodiscard]] reply ask(std::string_view request) const {
    return processor_.query(request, *state_.view());
  }

  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] const persistence::memory_keys& keys() const { return state_.keys(); }
  [[nodiscard]] Processor& processor() { return processor_; }
  [[nodiscard]] const Processor& processor() const { return processor_; }

 private:
  Processor processor_;
  persistence::memory_state state_;
  std::uint64_t last_ = 0;
};

/// "\x93\x01…" as text, so that golden bytes can be read in a diff.
inline std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 15U]);
  }
  return out;
}

}  // namespace troupe::test

// invariant: the assertion that stays on in release builds. A member whose own state contradicts
// the protocol must not go on: it would spread the contradiction. Knows nothing of what is checked.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace troupe::raft {

[[noreturn]] inline void invariant_broken(const char* condition, const char* meaning,
                                          const char* file, int line) {
  std::fprintf(stderr, "%s:%d: raft invariant broken: %s (%s)\n", file, line, meaning, condition);
  std::abort();
}

}  // namespace troupe::raft

#define RAFT_CHECK(condition, meaning) \
  ((condition) ? static_cast<void>(0)  \
               : ::troupe::raft::invariant_broken(#condition, meaning, __FILE__, __LINE__))

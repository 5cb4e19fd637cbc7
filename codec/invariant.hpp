// invariant: how this folder stops when its caller breaks a promise. Stays on in release builds.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace troupe::codec {

[[noreturn]] inline void broken_invariant(const char* what) {
  std::fprintf(stderr, "broken invariant: %s\n", what);
  std::abort();
}

}  // namespace troupe::codec

// planted: which of the defects in defects.py is switched on in a build that has them all. Knows
// nothing of what they are.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace planted {

/// The defect of this process: the environment's TROUPE_DEFECT until it is chosen; empty: none.
inline std::string& chosen() {
  static std::string name = [] {
    const char* given = std::getenv("TROUPE_DEFECT");
    return std::string(given == nullptr ? "" : given);
  }();
  return name;
}

/// Ends the process when there is no such defect.
void choose(std::string_view name);

inline bool is_on(std::string_view name) {
  return chosen() == name;
}

}  // namespace planted

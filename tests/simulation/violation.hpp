// violation: a broken property, which ends the simulation of its seed. Knows nothing of properties.
#pragma once

#include <string>
#include <utility>

namespace troupe::simulation {

struct violation {
  std::string what;
};

[[noreturn]] inline void violated(std::string what) {
  throw violation{std::move(what)};
}

inline void require(bool holds, const char* property) {
  if (!holds) {
    violated(property);
  }
}

}  // namespace troupe::simulation

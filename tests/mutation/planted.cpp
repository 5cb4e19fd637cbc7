#include "tests/mutation/planted.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace planted {

namespace {

constexpr std::string_view names[] = {
#include "planted_names.inc"
};

}  // namespace

void choose(std::string_view name) {
  if (name.empty()) {
    return;
  }
  if (std::find(std::begin(names), std::end(names), name) == std::end(names)) {
    std::fprintf(stderr, "no such defect: %.*s\n", static_cast<int>(name.size()), name.data());
    std::exit(2);
  }
  chosen() = name;
}

}  // namespace planted

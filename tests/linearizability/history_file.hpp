// history_file: histories of many keys as lines of JSON (README.md describes them). Knows nothing
// of what a history must satisfy.
#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include "tests/linearizability/history.hpp"

namespace troupe::linearizability {

struct histories {
  std::map<std::string, history> by_key;
  std::string error;  ///< empty, or the first line that could not be understood and why
};

histories read_histories(std::istream& lines);

}  // namespace troupe::linearizability

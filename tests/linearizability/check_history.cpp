// troupe_check_history FILE: judges the history of each key in a file of JSON lines, "-" for
// standard input. Exit code 0: all linearizable; 1: at least one is not; 2: nothing could be
// concluded.
#include <fstream>
#include <iostream>

#include "tests/linearizability/checker.hpp"
#include "tests/linearizability/history_file.hpp"

namespace lin = troupe::linearizability;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: troupe_check_history FILE\n";
    return 2;
  }
  const std::string path = argv[1];
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) {
      std::cerr << path << ": cannot be read\n";
      return 2;
    }
  }
  const lin::histories read = lin::read_histories(path == "-" ? std::cin : file);
  if (!read.error.empty()) {
    std::cerr << path << ": " << read.error << '\n';
    return 2;
  }
  bool refused = false;
  bool inconclusive = false;
  for (const auto& [key, operations] : read.by_key) {
    const lin::verdict v = lin::check(operations);
    std::cout << key << ": " << operations.size() << " operations: " << lin::describe(v) << '\n';
    refused |= v.result == lin::conclusion::not_linearizable;
    inconclusive |=
        v.result == lin::conclusion::undecided || v.result == lin::conclusion::malformed;
  }
  std::cout << (refused ? "NOT linearizable" : inconclusive ? "undecided" : "linearizable") << '\n';
  return refused ? 1 : inconclusive ? 2 : 0;
}

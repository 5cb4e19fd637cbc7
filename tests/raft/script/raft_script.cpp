// raft_script FILE...            prints the transcript
// raft_script --check FILE...    compares it with what the file expects, exit code 1 on a
// difference raft_script --rewrite FILE...  writes it back into the file
//
// A script that is not understood, or that breaks an invariant, fails whatever was asked.
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/raft/script/player.hpp"

namespace {

using namespace troupe::raft::script;

enum class purpose { print, check, rewrite };

bool play_file(const std::string& path, purpose wanted) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << path << ": cannot be read\n";
    return false;
  }
  std::ostringstream text;
  text << in.rdbuf();
  played p;
  try {
    p = play_script(text.str());
  } catch (const script_error& e) {
    std::cerr << path << ": " << e.what() << "\n";
    return false;
  }
  if (wanted == purpose::print) {
    std::cout << print_script(p.script);
  } else if (wanted == purpose::rewrite) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << print_script(p.script);
    if (!out.flush()) {
      std::cerr << path << ": cannot be written\n";
      return false;
    }
  } else if (!p.differences.empty()) {
    std::cout << path << "\n" << p.differences;
    return false;
  }
  if (!p.is_sound) {
    std::cerr << path << ": not understood, or an invariant is broken; see \"error:\" in it\n";
  }
  return p.is_sound;
}

}  // namespace

int main(int argc, char** argv) {
  purpose wanted = purpose::print;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--check") {
      wanted = purpose::check;
    } else if (word == "--rewrite") {
      wanted = purpose::rewrite;
    } else if (word.rfind("--", 0) == 0) {
      std::cerr << "there is no option " << word << "\n";
      return 2;
    } else {
      paths.push_back(word);
    }
  }
  if (paths.empty()) {
    std::cerr << "usage: raft_script [--check|--rewrite] FILE...\n";
    return 2;
  }
  bool is_well = true;
  for (const auto& path : paths) {
    is_well = play_file(path, wanted) && is_well;
  }
  return is_well ? 0 : 1;
}

#include "tests/raft/script/player.hpp"

#include <sstream>

#include "tests/raft/script/verbs.hpp"

namespace troupe::raft::script {

namespace {

const verb* find(const std::string& name) {
  for (const auto& verbs :
       {setup_verbs(), request_verbs(), processing_verbs(), fault_verbs(), query_verbs()}) {
    for (const auto& v : verbs) {
      if (v.name == name) {
        return &v;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

/// Lines that both have at the ends are left out.
std::string difference(const block& expected, const std::string& actual) {
  auto old_lines = lines_of(expected.expected);
  auto new_lines = lines_of(actual);
  std::size_t same = 0;
  while (same < old_lines.size() && same < new_lines.size() && old_lines[same] == new_lines[same]) {
    ++same;
  }
  while (old_lines.size() > same && new_lines.size() > same &&
         old_lines.back() == new_lines.back()) {
    old_lines.pop_back();
    new_lines.pop_back();
  }
  std::string text = "line " + std::to_string(expected.line) + ": " + expected.command + "\n";
  text += expected.has_expected ? "" : "  there is no ----\n";
  for (auto i = same; i < old_lines.size(); ++i) {
    text += "- " + old_lines[i] + "\n";
  }
  for (auto i = same; i < new_lines.size(); ++i) {
    text += "+ " + new_lines[i] + "\n";
  }
  return text;
}

}  // namespace

std::string player::play(const block& b) {
  try {
    command c(b.command, b.input);
    const auto* v = find(c.verb);
    if (v == nullptr) {
      throw script_error("there is no command \"" + c.verb + "\"");
    }
    v->handle(stage_, c);
  } catch (const script_error& e) {
    has_script_error_ = true;
    stage_.out.error(std::string("script: ") + e.what());
  } catch (const not_possible& e) {
    stage_.out.error(e.what());
  } catch (const testing::invariant_broken& e) {
    has_broken_invariant_ = true;
    stage_.out.error(std::string("invariant broken: ") + e.what());
  } catch (const std::exception& e) {
    has_broken_invariant_ = true;
    stage_.out.error(e.what());
  }
  return stage_.out.take();
}

played play_script(const std::string& text) {
  played p;
  p.script = parse_script(text);
  player plays;
  for (auto& b : p.script.blocks) {
    const auto printed = plays.play(b);
    if (!b.has_expected || printed != b.expected) {
      p.differences += difference(b, printed);
    }
    b.expected = printed;
    b.has_expected = true;
  }
  p.is_sound = !plays.has_script_error() && !plays.has_broken_invariant();
  return p;
}

}  // namespace troupe::raft::script

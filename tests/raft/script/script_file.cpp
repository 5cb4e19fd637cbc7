#include "tests/raft/script/script_file.hpp"

#include <sstream>
#include <utility>

namespace troupe::raft::script {

namespace {

const std::string separator = "----";

class line_reader {
 public:
  explicit line_reader(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      lines_.push_back(line);
    }
  }
  [[nodiscard]] bool at_end() const { return at_ == lines_.size(); }
  [[nodiscard]] const std::string& peek() const { return lines_[at_]; }
  [[nodiscard]] bool is_at(const std::string& line, std::size_t ahead = 0) const {
    return at_ + ahead < lines_.size() && lines_[at_ + ahead] == line;
  }
  std::string take() { return lines_[at_++]; }
  [[nodiscard]] std::size_t number() const { return at_ + 1; }

 private:
  std::vector<std::string> lines_;
  std::size_t at_ = 0;
};

bool is_comment(const std::string& line) {
  return line.empty() || line.front() == '#';
}

void parse_expected(line_reader& in, block& b) {
  b.has_expected = true;
  if (!in.is_at(separator)) {
    while (!in.at_end() && !in.peek().empty()) {
      b.expected += in.take() + "\n";
    }
    return;
  }
  in.take();
  while (!(in.is_at(separator) && in.is_at(separator, 1))) {
    if (in.at_end()) {
      throw script_error("line " + std::to_string(b.line) + ": a doubled ---- is not closed");
    }
    b.expected += in.take() + "\n";
  }
  in.take();
  in.take();
}

}  // namespace

script_file parse_script(const std::string& text) {
  line_reader in(text);
  script_file script;
  std::vector<std::string> before;
  while (!in.at_end()) {
    if (is_comment(in.peek())) {
      before.push_back(in.take());
      continue;
    }
    block b;
    b.before = std::exchange(before, {});
    b.line = in.number();
    b.command = in.take();
    while (!in.at_end() && !in.peek().empty() && in.peek() != separator) {
      b.input.push_back(in.take());
    }
    if (in.is_at(separator)) {
      in.take();
      parse_expected(in, b);
    }
    script.blocks.push_back(std::move(b));
  }
  script.behind = std::move(before);
  return script;
}

std::string print_script(const script_file& script) {
  std::string text;
  for (const auto& b : script.blocks) {
    for (const auto& line : b.before) {
      text += line + "\n";
    }
    text += b.command + "\n";
    for (const auto& line : b.input) {
      text += line + "\n";
    }
    const bool has_empty_line =
        b.expected.find("\n\n") != std::string::npos || b.expected.rfind('\n', 0) == 0;
    const std::string fence = has_empty_line ? separator + "\n" + separator + "\n" : "";
    text += has_empty_line ? fence + b.expected + fence : separator + "\n" + b.expected;
  }
  for (const auto& line : script.behind) {
    text += line + "\n";
  }
  return text;
}

}  // namespace troupe::raft::script

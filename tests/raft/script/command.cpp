#include "tests/raft/script/command.hpp"

#include <charconv>
#include <utility>

namespace troupe::raft::script {

namespace {

/// Words are divided by spaces, but not within parentheses.
std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  for (const char c : line + " ") {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ' ' && depth <= 0) {
      if (!word.empty()) {
        words.push_back(std::exchange(word, {}));
      }
    } else {
      word += c;
    }
  }
  if (!word.empty()) {
    throw script_error("a parenthesis is not closed: " + word);
  }
  return words;
}

std::vector<std::string> split_values(std::string text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') {
    return {text};
  }
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> values;
  std::string value;
  for (const char c : text + ",") {
    if (c != ',' && c != ' ') {
      value += c;
    } else if (!value.empty()) {
      values.push_back(std::exchange(value, {}));
    }
  }
  return values;
}

}  // namespace

std::uint64_t number_from(const std::string& text, const std::string& what) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw script_error(what + " is a number, not \"" + text + "\"");
  }
  return n;
}

command::command(const std::string& line, std::vector<std::string> input_lines)
    : input(std::move(input_lines)) {
  auto words = split_words(line);
  if (words.empty()) {
    throw script_error("there is no command");
  }
  verb = words.front();
  for (auto w = words.begin() + 1; w != words.end(); ++w) {
    const auto equals = w->find('=');
    if (equals == std::string::npos || equals == 0 || w->front() == '"') {
      words_.push_back(*w);
    } else {
      arguments_.push_back({w->substr(0, equals), split_values(w->substr(equals + 1))});
    }
  }
}

std::string command::take_word(const char* what) {
  if (!has_word()) {
    throw script_error(verb + " needs " + what);
  }
  return words_[next_word_++];
}

std::uint64_t command::take_number(const char* what) {
  return number_from(take_word(what), what);
}

std::vector<node_id> command::take_ids() {
  std::vector<node_id> ids;
  while (has_word()) {
    ids.push_back(take_id());
  }
  return ids;
}

std::optional<std::vector<std::string>> command::take_values(const std::string& key) {
  std::optional<std::vector<std::string>> found;
  for (auto& a : arguments_) {
    if (a.key == key) {
      a.is_taken = true;
      found = a.values;
    }
  }
  return found;
}

std::optional<std::string> command::take_value(const std::string& key) {
  const auto values = take_values(key);
  if (values && values->size() != 1) {
    throw script_error(key + " has one value");
  }
  return values ? std::optional{values->front()} : std::nullopt;
}

std::optional<std::uint64_t> command::take_number_of(const std::string& key) {
  const auto value = take_value(key);
  return value ? std::optional{number_from(*value, key)} : std::nullopt;
}

std::optional<bool> command::take_flag(const std::string& key) {
  const auto value = take_value(key);
  if (value && *value != "true" && *value != "false") {
    throw script_error(key + " is true or false, not \"" + *value + "\"");
  }
  return value ? std::optional{*value == "true"} : std::nullopt;
}

std::vector<std::uint64_t> command::take_numbers(const std::string& key) {
  std::vector<std::uint64_t> numbers;
  for (const auto& v : take_values(key).value_or(std::vector<std::string>{})) {
    numbers.push_back(number_from(v, key));
  }
  return numbers;
}

void command::finish() const {
  if (has_word()) {
    throw script_error(verb + " does not take \"" + words_[next_word_] + "\"");
  }
  for (const auto& a : arguments_) {
    if (!a.is_taken) {
      throw script_error(verb + " does not take " + a.key + "=");
    }
  }
}

}  // namespace troupe::raft::script

// troupectl_table: rows of text in aligned columns, for people. Numbers stand to the right.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace troupe::apps {

class table {
 public:
  explicit table(std::vector<std::string> header) : header_(std::move(header)) {}

  /// As many cells as the header has.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print(std::ostream& out) const;

 private:
  struct column {
    std::size_t width = 0;
    bool numbers = true;
  };
  [[nodiscard]] column measure(std::size_t index) const;

  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace troupe::apps

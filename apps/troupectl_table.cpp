#include "apps/troupectl_table.hpp"

#include <algorithm>

namespace troupe::apps {
namespace {

/// Characters, not bytes: UTF-8 continuation bytes take no room.
std::size_t width_of(const std::string& cell) {
  return static_cast<std::size_t>(
      std::count_if(cell.begin(), cell.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_number(const std::string& cell) {
  return cell == "-" || (!cell.empty() && cell.find_first_not_of("0123456789.") == cell.npos);
}

}  // namespace

table::column table::measure(std::size_t index) const {
  column found{width_of(header_[index]), true};
  for (const auto& row : rows_) {
    found.width = std::max(found.width, width_of(row[index]));
    found.numbers = found.numbers && is_number(row[index]);
  }
  return found;
}

void table::print(std::ostream& out) const {
  std::vector<column> columns;
  for (std::size_t i = 0; i < header_.size(); ++i) columns.push_back(measure(i));
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(columns[i].width - width_of(row[i]), ' ');
      line += columns[i].numbers ? padding + row[i] : row[i] + padding;
      line += "  ";
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  };
  print_row(header_);
  for (const auto& row : rows_) print_row(row);
}

}  // namespace troupe::apps

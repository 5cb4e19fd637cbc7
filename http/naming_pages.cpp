#include "http/naming_pages.hpp"

#include <algorithm>
#include <string>

namespace troupe::http {

namespace {

constexpr std::uint64_t number_max = std::uint64_t{1} << 31U;

response bad_number(const naming_dialect& says, const char* name) {
  return says.refused(nacos_code::parameter_validate_error,
                      "Param '" + std::string(name) +
                          "' is illegal, the value should be between 1 "
                          "and " +
                          std::to_string(number_max) + ".");
}

}  // namespace

naming_read<naming_page> read_page(const naming_parameters& p, const naming_dialect& says,
                                   std::optional<naming_page> otherwise, std::uint64_t size_max) {
  naming_page page = otherwise.value_or(naming_page{});
  const struct {
    const char* name;
    std::uint64_t& value;
  } numbers[] = {{"pageNo", page.number}, {"pageSize", page.size}};
  for (const auto& n : numbers) {
    const auto text = p.find(n.name);
    if (!text && otherwise) continue;
    if (!text) return raft::unexpected(says.missing(n.name));
    const auto value = parse_number(*text, 1, number_max);
    if (!value) return raft::unexpected(bad_number(says, n.name));
    n.value = *value;
  }
  page.size = std::min(page.size, size_max);
  return page;
}

}  // namespace troupe::http

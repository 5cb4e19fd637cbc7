// naming_pages: which part of a list a request asks for. Knows nothing of what is listed.
#pragma once

#include <cstdint>
#include <optional>

#include "http/naming_dialect.hpp"
#include "http/naming_parameters.hpp"

namespace troupe::http {

struct naming_page {
  std::uint64_t number = 1;  ///< from 1
  std::uint64_t size = 1;

  /// Is the `at`-th of all, counted from 0, on this page?
  [[nodiscard]] bool holds(std::uint64_t at) const { return at / size == number - 1; }
};

/// pageNo and pageSize; required without `otherwise`. A size above `size_max` is cut to it.
naming_read<naming_page> read_page(const naming_parameters& p, const naming_dialect& says,
                                   std::optional<naming_page> otherwise = {},
                                   std::uint64_t size_max = 10'000);

}  // namespace troupe::http

// nacos_page: one page of a list in the form of Nacos's consoles. Knows nothing of what is listed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace troupe::http {

struct page_request {
  std::uint64_t number = 1;  ///< from 1
  std::uint64_t size = 10;   ///< from 1
};

/// {"totalCount":…,"pageNumber":…,"pagesAvailable":…,"pageItems":[…]}, `shape` making each item.
template <class Row, class Shape>
nlohmann::ordered_json nacos_page(const std::vector<Row>& rows, const page_request& page,
                                  const Shape& shape) {
  using json = nlohmann::ordered_json;
  json items = json::array();
  const auto total = static_cast<std::uint64_t>(rows.size());
  // The last page is the end, also where the product would overflow.
  const auto pages = (total + page.size - 1) / page.size;
  if (page.number <= pages) {
    const auto from = (page.number - 1) * page.size;
    const auto to = std::min(total, from + page.size);
    for (auto i = from; i < to; ++i) items.push_back(shape(rows[static_cast<std::size_t>(i)]));
  }
  json out = json::object();
  out["totalCount"] = total;
  out["pageNumber"] = page.number;
  out["pagesAvailable"] = pages;
  out["pageItems"] = std::move(items);
  return out;
}

}  // namespace troupe::http

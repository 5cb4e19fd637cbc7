#include "bench/operation.hpp"

#include <utility>

namespace troupe::bench {

std::string key_name(std::uint64_t number) {
  constexpr std::size_t digits_min = 10;
  const auto digits = std::to_string(number);
  std::string name = "bench-";
  if (digits.size() < digits_min) name.append(digits_min - digits.size(), '0');
  return name + digits;
}

operation operation_source::next() {
  auto key = key_name(key_(random_));
  return {is_read_(random_), visits_++ % groups_, std::move(key)};
}

std::string sample_value(std::size_t bytes) {
  std::mt19937_64 random(1);
  std::string value(bytes, '\0');
  for (auto& c : value) c = static_cast<char>('!' + random() % 94);
  return value;
}

}  // namespace troupe::bench

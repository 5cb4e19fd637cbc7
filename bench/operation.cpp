#include "bench/operation.hpp"

#include <cstdio>
#include <utility>

namespace troupe::bench {

std::string key_name(std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "bench-%010llu", static_cast<unsigned long long>(number));
  return name;
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

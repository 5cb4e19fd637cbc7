#include "bench/operation.hpp"

#include <cstdio>

namespace troupe::bench {

operation operation_source::next() {
  char key[32];
  std::snprintf(key, sizeof key, "bench-%010llu", static_cast<unsigned long long>(key_(random_)));
  return {is_read_(random_), visits_++ % groups_, key};
}

std::string sample_value(std::size_t bytes) {
  std::mt19937_64 random(1);
  std::string value(bytes, '\0');
  for (auto& c : value) c = static_cast<char>('!' + random() % 94);
  return value;
}

}  // namespace troupe::bench

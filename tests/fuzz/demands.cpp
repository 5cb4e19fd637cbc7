#include "tests/fuzz/demands.hpp"

#include <cstdio>
#include <cstdlib>

namespace troupe::fuzz {
namespace {

std::string printable(std::string_view text) {
  constexpr std::size_t bytes_max = 2'000;
  std::string out;
  for (const char c : text.substr(0, bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, byte < 0x20 || byte > 0x7e ? "\\x%02x" : "%c", byte);
    out += escaped;
  }
  return out;
}

}  // namespace

void broken(std::string_view claim, std::string_view detail) {
  std::fprintf(stderr, "broken demand: %s: %s\n", std::string(claim).c_str(),
               printable(detail).c_str());
  std::abort();
}

void demand_named(std::string_view refusal) {
  const auto colon = refusal.find(": ");
  demand(colon != std::string_view::npos && colon > 0 && colon + 2 < refusal.size(),
         "a refusal names a field and a reason", refusal);
}

}  // namespace troupe::fuzz

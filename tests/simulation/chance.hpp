// chance: the stream of numbers that a seed stands for; every choice of a simulation is drawn from
// one. Splitmix64, as in Steele, Lea, Flood: "Fast splittable pseudorandom number generators"
// (2014). Knows nothing of what is chosen.
#pragma once

#include <cstdint>

namespace troupe::simulation {

/// One to one, and no bit of the result follows from few bits of the argument.
constexpr std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

class chance {
 public:
  explicit chance(std::uint64_t seed) : state_(mix(seed)) {}

  std::uint64_t draw() {
    const auto drawn = mix(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return drawn;
  }
  /// In [0, bound); 0 when `bound` is 0.
  std::uint32_t below(std::uint64_t bound) {
    return static_cast<std::uint32_t>(((draw() >> 32U) * bound) >> 32U);
  }
  /// In [low, high].
  std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    return low + below(std::uint64_t{high} - low + 1);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  bool per_mille(std::uint32_t n) { return n != 0 && below(1000) < n; }

 private:
  std::uint64_t state_;
};

}  // namespace troupe::simulation

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "tests/simulation/world.hpp"

using namespace troupe::simulation;
int main(int argc, char** argv) {
  std::uint64_t from = std::strtoull(argv[1], nullptr, 10),
                to = std::strtoull(argv[2], nullptr, 10);
  bool print = argc > 3;
  tally all;
  int failed = 0;
  auto t0 = std::chrono::steady_clock::now();
  for (auto seed = from; seed <= to; ++seed) {
    const auto p = plan_of(seed, {});
    world w(p, 60, print ? stdout : nullptr);
    try {
      w.run();
    } catch (const violation& v) {
      ++failed;
      std::printf("seed %lu: %s\n", seed, v.what.c_str());
      if (from == to) {
        w.story().print_newest(stdout);
        std::printf("%s", w.describe().c_str());
      }
    }
    all.add(w.story().counts());
    if (from == to) std::printf("hash %lx\n", w.story().hash());
  }
  double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count();
  for (std::size_t i = 0; i < happening_count; ++i)
    std::printf("%s=%lu ", name_of(happening(i)), all.happened[i]);
  for (std::size_t i = 0; i < fault_count; ++i)
    std::printf("%s=%lu ", fault_names[i].data(), all.faults[i]);
  std::printf("\n%d failed, %lu steps, %.0f steps/s\n", failed, all.steps, all.steps / s);
}

// Random lives of some logs, with the power lost, or the process killed, at any operation on the
// disk: after each restart the logs are what was acknowledged, or that with the one write that was
// under way, of all groups together.
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "persistence/log_store.hpp"
#include "tests/persistence/fault_env.hpp"
#include "tests/persistence/log_life.hpp"

namespace troupe::persistence {
namespace {

constexpr std::size_t groups = 4;

/// One disk and the processes that live on it, one after the other.
class mortal_log {
 public:
  mortal_log(std::uint64_t seed, std::uint64_t segment_bytes)
      : options_{scratch_.path() + "/log", segment_bytes, &env_}, life_(seed) {}

  void live_and_die() {
    auto store = open();
    auto found = read_back(*store, groups);
    INFO("found    " << text_of(found) << "\ncertain  " << text_of(certain_) << "\npossible "
                     << text_of(possible_));
    REQUIRE((found == certain_ || found == possible_));
    certain_ = std::move(found);
    env_.freeze_after(life_.pick(0, 400));
    for (int i = 0; i < 150; ++i) {
      possible_ = certain_;
      if (!life_.step(*store, possible_).ok()) break;
      certain_ = possible_;
    }
    env_.freeze();
    store.reset();
    recover_disk();
  }

  [[nodiscard]] std::uint64_t newest_segment() const {
    std::uint64_t newest = 0;
    for (const auto& file : std::filesystem::directory_iterator(options_.path)) {
      if (file.path().extension() == ".segment") {
        newest = std::max<std::uint64_t>(newest, std::stoull(file.path().stem().string()));
      }
    }
    return newest;
  }

 private:
  void recover_disk() {
    // A process that is killed leaves everything in the cache, for the next power loss to take.
    if (life_.pick(0, 2) > 0) {
      env_.drop_unsynced(
          {life_.pick(0, 1) * life_.pick(0, 5000), life_.pick(0, 2) == 0 ? 9ULL : 0ULL});
    }
    env_.thaw();
  }

  std::unique_ptr<log_store> open() {
    for (;;) {
      // It may end while it opens, too.
      if (life_.pick(0, 2) == 0) env_.freeze_after(life_.pick(0, 12));
      auto store = log_store::open(options_);
      INFO((store ? std::string() : store.error().message()));
      if (store && !env_.frozen()) {
        env_.thaw();
        return *std::move(store);
      }
      REQUIRE(env_.frozen());
      if (store) store->reset();
      recover_disk();
    }
  }

  scratch_directory scratch_;
  fault_env env_;
  log_store_options options_;
  random_life life_;
  log_model certain_{groups};
  log_model possible_{groups};
};

TEST_CASE("log crash: power lost at any operation leaves what was acknowledged") {
  std::uint64_t segments = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    // Small segments end and are given back all the time; in a large one tails are torn.
    mortal_log log(seed, seed % 3 == 0 ? 1U << 20U : 6U << 10U);
    for (int start = 0; start < 8; ++start) {
      INFO("seed " << seed << ", start " << start);
      log.live_and_die();
    }
    segments += log.newest_segment();
  }
  CHECK(segments > 3000);
}

}  // namespace
}  // namespace troupe::persistence

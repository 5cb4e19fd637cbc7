#include "bench/key_fill.hpp"

#include <condition_variable>
#include <mutex>

#include "bench/operation.hpp"
#include "processors/key_value_messages.hpp"

namespace troupe::bench {
namespace {

namespace kv = processors::kv;

constexpr std::size_t under_way_max = 1'024;

/// Counts what is under way; the first failure ends it.
class filling {
 public:
  /// False when something failed: the next write need not begin.
  bool wait_for_room() {
    std::unique_lock lock(guard_);
    answered_.wait(lock, [this] { return under_way_ < under_way_max || !failure_.empty(); });
    if (!failure_.empty()) return false;
    ++under_way_;
    return true;
  }

  void answered(const std::string& failure) {
    std::lock_guard lock(guard_);
    if (failure_.empty()) failure_ = failure;
    --under_way_;
    answered_.notify_one();  // beneath the lock: whoever waits for the last one ends our life
  }

  std::string wait_for_all() {
    std::unique_lock lock(guard_);
    answered_.wait(lock, [this] { return under_way_ == 0; });
    return failure_;
  }

 private:
  std::mutex guard_;
  std::condition_variable answered_;
  std::size_t under_way_ = 0;
  std::string failure_;
};

}  // namespace

std::string fill_keys(const load_options& options, const std::vector<group>& targets) {
  const auto value = sample_value(options.value_bytes);
  filling all;
  const std::uint64_t writes = options.keys * targets.size();
  for (std::uint64_t i = 0; i < writes && all.wait_for_room(); ++i) {
    const auto key = key_name(i / targets.size());
    targets[i % targets.size()].propose(
        raft::bytes(kv::encode(kv::put{key, value, {}})), {options.request_timeout, {}},
        [&all, key](const result& r) {
          all.answered(r ? std::string() : "filling " + key + ": " + r.error().message);
        });
  }
  return all.wait_for_all();
}

}  // namespace troupe::bench

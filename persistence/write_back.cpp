// write_back: see the header.
#include "persistence/write_back.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "persistence/rocks_status.hpp"
#include "persistence/table_write.hpp"

namespace troupe::persistence {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_min{5};
constexpr int pause_per_round = 50;
/// Groups are added to a part until it has so many bytes of keys and values.
constexpr std::uint64_t part_bytes = 32U << 20U;
/// What a batch keeps beside a key and a value.
constexpr std::size_t record_bytes_max = 16;

/// On Linux a niceness is the calling thread's alone. Where it is refused nothing is lost but time.
void yield_to_others() {
  constexpr int behind_those_who_are_waited_for = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, 0, behind_those_who_are_waited_for));
}

std::uint64_t bytes_of(const std::vector<change>& changes) {
  std::uint64_t bytes = 0;
  for (const auto& c : changes) bytes += c.key_bytes + c.value_bytes;
  return bytes;
}

}  // namespace

write_back::write_back(std::shared_ptr<rocksdb::DB> db, const write_back_options& options)
    : db_(std::move(db)), options_(options), thread_([this] { run(); }) {}

write_back::~write_back() {
  {
    const std::lock_guard guard(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

status write_back::admits() {
  {
    const std::lock_guard guard(mutex_);
    if (!failed_.ok()) return failed_;
  }
  if (held_bytes_ < options_.held_bytes_max) return {};
  return {status_code::stalled, "the state store asks writers to wait"};
}

void write_back::add(const std::shared_ptr<held_writes>& group, change_log& committed) {
  held_bytes_ += group->add(committed);
  const bool is_new = !group->is_waiting.exchange(true);
  const bool is_pressing = held_bytes_ > options_.held_bytes_max / 2;
  if (!is_new && !is_pressing) return;
  {
    const std::lock_guard guard(mutex_);
    if (is_new) waiting_.push_back(group);
    is_pressed_ = is_pressed_ || is_pressing;
  }
  wake_.notify_one();
}

void write_back::drop(held_writes& group) {
  held_bytes_ -= group.clear();
}

status write_back::write_all() {
  std::unique_lock lock(mutex_);
  const auto mine = ++rounds_asked_;
  wake_.notify_one();
  round_over_.wait(lock, [&] { return rounds_answered_ >= mine; });
  return failed_;
}

void write_back::run() {
  yield_to_others();
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] {
      return is_ending_ || !waiting_.empty() || rounds_asked_ > rounds_answered_;
    });
    const auto answered = rounds_asked_;
    const auto held = std::exchange(waiting_, {});
    is_pressed_ = false;
    if (held.empty() && is_ending_) return;
    if (failed_.ok()) {
      lock.unlock();
      const auto began = clock::now();
      auto done = write(held);
      const auto took = clock::now() - began;
      lock.lock();
      failed_ = std::move(done);
      rounds_answered_ = answered;
      round_over_.notify_all();
      pause(lock, took);
    } else {
      rounds_answered_ = answered;
      round_over_.notify_all();
    }
  }
}

void write_back::pause(std::unique_lock<std::mutex>& lock, clock::duration took) {
  const auto length = std::clamp<clock::duration>(took * pause_per_round, pause_min,
                                                  std::max(pause_min, options_.pause_max));
  wake_.wait_for(lock, length,
                 [this] { return is_ending_ || is_pressed_ || rounds_asked_ > rounds_answered_; });
}

status write_back::write(const groups& held) {
  groups staged;
  std::vector<std::vector<change>> of_groups;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < held.size(); ++i) {
    held[i]->is_waiting = false;
    if (const auto log = held[i]->begin_writing()) {
      of_groups.push_back(log->newest());
      bytes += bytes_of(of_groups.back());
      staged.push_back(held[i]);
    }
    if ((i + 1 < held.size() && bytes < part_bytes) || staged.empty()) continue;
    auto outcome = write_part(std::exchange(of_groups, {}));
    if (!outcome.ok()) return outcome;
    for (const auto& group : std::exchange(staged, {})) held_bytes_ -= group->end_writing();
    bytes = 0;
  }
  return {};
}

/// The keys of a group stand together, so the whole is sorted when the groups are.
status write_back::write_part(std::vector<std::vector<change>> of_groups) {
  std::sort(of_groups.begin(), of_groups.end(),
            [](const auto& a, const auto& b) { return a.front().key() < b.front().key(); });
  std::vector<change> sorted;
  for (const auto& group : of_groups) sorted.insert(sorted.end(), group.begin(), group.end());
  const bool is_large = bytes_of(sorted) >= options_.table_bytes_min;
  return is_large && !is_crowded(*db_) ? write_table(*db_, sorted) : write_batch(sorted);
}

/// May wait for RocksDB to flush and compact: that is how writers learn to wait.
status write_back::write_batch(const std::vector<change>& sorted) {
  rocksdb::WriteBatch batch(bytes_of(sorted) + record_bytes_max * sorted.size());
  for (const auto& c : sorted) {
    // A batch that does not protect itself fails only beyond 4 GiB.
    (c.is_erased ? batch.Delete(c.key()) : batch.Put(c.key(), c.value())).PermitUncheckedError();
  }
  return to_status(db_->Write({}, &batch), "write state in", db_->GetName());
}

}  // namespace troupe::persistence

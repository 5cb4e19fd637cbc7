// write_back: see the header.
#include "persistence/write_back.hpp"

#include <rocksdb/db.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_min{5};
constexpr int pause_per_round = 50;
/// A batch of RocksDB goes to one memtable as a whole.
constexpr std::size_t batch_bytes = 4U << 20U;
/// The batch keeps its memory for the next round, unless it became unusually large.
constexpr std::size_t kept_bytes = 4 * batch_bytes;

/// On Linux a niceness is the calling thread's alone. Where it is refused nothing is lost but time.
void yield_to_others() {
  constexpr int behind_those_who_are_waited_for = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, 0, behind_those_who_are_waited_for));
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

/// A batch that does not protect itself fails only beyond 4 GiB.
void write_back::stage(const change_log& log) {
  for (const auto& c : log.newest()) {
    (c.is_erased ? batch_.Delete(c.key()) : batch_.Put(c.key(), c.value())).PermitUncheckedError();
  }
}

status write_back::write(const groups& held) {
  groups staged;
  for (std::size_t i = 0; i < held.size(); ++i) {
    held[i]->is_waiting = false;
    if (const auto log = held[i]->begin_writing()) {
      stage(*log);
      staged.push_back(held[i]);
    }
    if (i + 1 < held.size() && batch_.GetDataSize() < batch_bytes) continue;
    // May wait for RocksDB to flush and compact: that is how writers learn to wait.
    const auto outcome = db_->Write({}, &batch_);
    if (!outcome.ok()) return to_status(outcome, "write state in", db_->GetName());
    for (const auto& group : staged) held_bytes_ -= group->end_writing();
    staged.clear();
    if (batch_.GetDataSize() > kept_bytes) batch_ = rocksdb::WriteBatch();
    batch_.Clear();
  }
  return {};
}

}  // namespace troupe::persistence

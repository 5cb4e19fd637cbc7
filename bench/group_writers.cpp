#include "bench/group_writers.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "bench/operation.hpp"
#include "processors/key_value_messages.hpp"

namespace troupe::bench {
namespace {

namespace kv = processors::kv;

constexpr std::chrono::milliseconds pause_after_failure{10};

}  // namespace

group_writers::group_writers(boost::asio::io_context& io, writers_options options,
                             std::vector<group> targets)
    : io_(io),
      running_(io.get_executor()),
      options_(options),
      value_(sample_value(options.value_bytes)) {
  writers_.reserve(targets.size());
  for (auto& target : targets) writers_.emplace_back(io, std::move(target));
}

void group_writers::start(std::function<void()> done) {
  mark([done = std::move(done)](const recovery_times&) { done(); });
  for (std::size_t i = 0; i < writers_.size(); ++i) {
    // Spread over a pause, as they will stay.
    const auto share = options_.pause * static_cast<long>(i) / static_cast<long>(writers_.size());
    write_after(i, std::chrono::duration_cast<std::chrono::milliseconds>(share));
  }
}

void group_writers::mark(std::function<void(recovery_times)> done) {
  marked_ = clock::now();
  missing_ = writers_.size();
  done_ = std::move(done);
  for (auto& w : writers_) w.has_written = false;
}

void group_writers::write_after(std::size_t number, std::chrono::milliseconds pause) {
  auto& next = writers_[number].next;
  next.expires_after(pause);
  next.async_wait([this, number](auto cancelled) {
    if (!cancelled) write(number);
  });
}

void group_writers::write(std::size_t number) {
  const auto began = clock::now();
  writers_[number].target.propose(
      raft::bytes(kv::encode(kv::put{"key", value_, {}})), {options_.request_timeout, {}},
      [this, number, began](const result& r) {
        boost::asio::post(
            io_, [this, number, began, ok = r.has_value()] { answered(number, began, ok); });
      });
}

void group_writers::answered(std::size_t number, clock::time_point began, bool ok) {
  write_after(number, ok ? options_.pause : pause_after_failure);
  auto& w = writers_[number];
  if (!ok || began < marked_ || std::exchange(w.has_written, true)) return;
  w.first = clock::now();
  if (--missing_ > 0 || !done_) return;
  recovery_times times;
  for (const auto& each : writers_) times.push_back(each.first - marked_);
  std::exchange(done_, nullptr)(std::move(times));
}

}  // namespace troupe::bench

#include "bench/group_load.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <vector>

#include "bench/operation.hpp"
#include "processors/key_value_messages.hpp"

namespace troupe::bench {
namespace {

namespace kv = processors::kv;

/// A failure may come at once, on the stack of the request: the next one waits, on our own thread.
constexpr std::chrono::milliseconds pause_after_failure{10};

class callers {
 public:
  callers(const load_options& options, group target)
      : options_(options),
        target_(std::move(target)),
        value_(sample_value(options.value_bytes)),
        recorder_(options),
        active_(options.clients) {
    for (std::size_t i = 0; i < options.clients; ++i) sources_.emplace_back(options, i + 1);
  }

  load_result run() {
    for (std::size_t i = 0; i < sources_.size(); ++i) request_next(i);
    retries_.run();
    return recorder_.take();
  }

 private:
  void request_next(std::size_t caller) {
    if (recorder_.is_over()) return retire();
    const auto next = sources_[caller].next();
    auto done = [this, caller, began = clock::now()](const result& r) {
      answered(caller, began, r);
    };
    if (next.is_read) {
      target_.query(raft::bytes(kv::encode(kv::get{next.key})), {options_.request_timeout},
                    std::move(done));
    } else {
      target_.propose(raft::bytes(kv::encode(kv::put{next.key, value_, {}})),
                      {options_.request_timeout, {}}, std::move(done));
    }
  }

  void answered(std::size_t caller, clock::time_point began, const result& r) {
    if (r) {
      recorder_.succeeded(began);
      return request_next(caller);
    }
    recorder_.failed(std::string(name_of(r.error().code)));
    auto pause = std::make_shared<boost::asio::steady_timer>(retries_, pause_after_failure);
    pause->async_wait([this, caller, pause](auto) { request_next(caller); });
  }

  void retire() {
    if (--active_ == 0) running_.reset();
  }

  const load_options& options_;
  const group target_;
  const std::string value_;
  load_recorder recorder_;
  std::vector<operation_source> sources_;
  boost::asio::io_context retries_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> running_{
      retries_.get_executor()};
  std::atomic<std::size_t> active_;
};

}  // namespace

load_result load_group(const load_options& options, const group& target) {
  return callers(options, target).run();
}

}  // namespace troupe::bench

// timeline: what is going to happen, in the order of virtual time; at the same time, in the order
// in which it was arranged. Knows nothing of what the events mean.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace troupe::simulation {

enum class event_kind : std::uint8_t {
  tick,             ///< of a node's clock
  resume,           ///< a paused process goes on
  start,            ///< a node that is down starts
  arrive,           ///< a: frame
  act,              ///< a member takes its output
  campaign,         ///< the host of a member without a leader does not wait for the timeout
  drain,            ///< a member proposes what was asked for
  write,            ///< the log writer takes what is queued
  synced,           ///< the write under way is durable
  notice,           ///< a durable job's replies leave
  apply,            ///< the processor finished a batch
  fetch,            ///< entries were read from disk
  flush,            ///< the state store makes itself durable
  export_snapshot,  ///< a: the follower's node id
  chunk,            ///< a: transfer
  staged,           ///< a: transfer, whose last chunk is durable at the receiver
  transfer_end,     ///< a: transfer, b: whether it arrived
  unreachable,      ///< a: the peer's node id
  request,          ///< a: client, b: attempt
  answer,           ///< a: client, b: attempt
  timeout,          ///< a: client, b: attempt
  think,            ///< a: client; it may start its next operation
  strike,           ///< the next fault
  mend,             ///< a: cut to remove
  administer,       ///< the operator looks at a group
};

struct event {
  std::uint64_t at = 0;
  std::uint64_t order = 0;
  std::uint64_t b = 0;
  std::uint32_t a = 0;
  std::uint32_t life = 0;  ///< of the node's process; an older one's events are void
  event_kind kind = event_kind::tick;
  std::uint8_t node = 0;
  std::uint16_t group = 0;
};

class timeline {
 public:
  [[nodiscard]] std::uint64_t now() const { return now_; }
  [[nodiscard]] bool empty() const { return heap_.empty(); }

  void after(std::uint64_t units, event e) {
    e.at = now_ + units;
    e.order = ++arranged_;
    heap_.push_back(e);
    std::push_heap(heap_.begin(), heap_.end(), is_later);
  }
  event next() {
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    const event e = heap_.back();
    heap_.pop_back();
    now_ = e.at;
    return e;
  }

 private:
  static bool is_later(const event& a, const event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::uint64_t now_ = 0;
  std::uint64_t arranged_ = 0;
  std::vector<event> heap_;
};

}  // namespace troupe::simulation

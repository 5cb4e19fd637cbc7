// order_search: looks for one order of the steps that respects real time and that a register with
// versions could have performed. Knows nothing of clients and values.
//
// Wing & Gong, "Testing and Verifying Concurrent Objects" (1993), in the form of Lowe, "Testing for
// Linearizability" (2017): depth first over a list of starts and ends, from which steps are taken
// out as they are ordered, with a memory of the pairs (ordered steps, state) that led nowhere. Five
// facts about this register keep it from branching:
//
// 1. Versions rise. Of the writes whose version is known only the one with the lowest can be next.
// 2. A get or refused cas that fits and reveals nothing is taken at once: whatever follows can
// follow
//    as well without it in the way. (Not so a delete of what is absent: it may be needed later.)
// 3. A write of unknown outcome that nobody saw is taken only when the very next step needs it: one
//    that fits behind it and did not fit before. Any other order stays an order without that write,
//    or with it later.
// 4. Such writes of the same form differ in their start alone, and once started are the same for
// ever:
//    only the one with the earliest start is tried.
// 5. Of deletes (or unseen puts) without versions that could be next, the one that ended first is:
//    exchanging it with the other breaks no rule.
// 6. What leads nowhere with some possible writes to spare leads nowhere with fewer; and when it
// never
//    wanted for one of a kind, it leads nowhere with any number of that kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "tests/linearizability/resolution.hpp"

namespace troupe::linearizability {

enum class search_result : std::uint8_t { found, none, gave_up };

/// What stands under the key. `floor` is the version of the last write when `exact`, else something
/// that the version of the last write is greater than.
struct register_state {
  writer_id writer = absent;
  bool exact = true;
  std::uint64_t floor = 0;
  friend bool operator==(const register_state&, const register_state&) = default;
};

/// True when the step may happen in `from`; then `to` is what it leaves.
bool perform(const step& s, const register_state& from, register_state& to);

class order_search {
 public:
  /// `steps_max` bounds time and memory: about 100 bytes for each step that branches.
  order_search(const resolution& r, std::uint64_t steps_max);

  search_result run();
  [[nodiscard]] std::uint64_t steps_taken() const { return steps_taken_; }

 private:
  // Possible writes of one form, by start.
  struct pool {
    std::vector<step> writes;
    std::size_t used = 0;
  };
  // A definite step, or the next write of a pool.
  struct choice {
    bool from_pool = false;
    std::uint32_t place = 0;
  };
  // Kinds of possible writes that were wanted and were not there any more.
  struct wants {
    bool puts = false;
    bool removes = false;
    bool cas = false;
    void add(const wants& other);
  };
  struct frame {
    register_state state;
    register_state before;
    bool awaiting = false;
    bool branches = false;
    std::size_t first_choice = 0;  // in choices_: those not tried yet
    choice taken;
    wants wanted;  // here and in everything tried from here
  };
  struct position {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const position&, const position&) = default;
  };
  // How much of the pools is gone, or had to be gone for a dead end. Fact 6.
  struct spent_writes {
    std::uint32_t puts = 0;
    std::uint32_t removes = 0;
    std::vector<std::uint32_t> cas;  // pools, ascending, each as often as it was used
    [[nodiscard]] bool within(const spent_writes& other) const;
  };
  struct dead_end {
    spent_writes spent;
    wants wanted;
  };
  struct position_hash {
    std::size_t operator()(const position& p) const { return p.low; }
  };

  void link_events(const std::vector<step>& definite);
  void make_pools(const std::vector<step>& possible);
  void list_choices();
  bool list_definite(std::int64_t& first_end_ns);
  void list_possible(std::int64_t first_end_ns);
  void offer_pool(std::uint32_t place, std::int64_t first_end_ns);
  [[nodiscard]] bool may_be_next(std::uint32_t place) const;
  [[nodiscard]] bool fits(const step& s, register_state& to) const;
  [[nodiscard]] position here() const;
  bool led_nowhere_before();
  void leads_nowhere(const frame& f);
  void spend(const pool& p, std::uint32_t place);
  void restore(const pool& p, std::uint32_t place);

  void take(choice c);
  void give_back(const frame& f);
  void unlink(std::uint32_t event);
  void relink(std::uint32_t event);

  const std::vector<step>& steps_;
  std::uint64_t steps_max_;
  std::uint64_t steps_taken_ = 0;

  // Lowe's list: event 0 is the head; step i starts at event 2i + 1 and ends at event 2i + 2.
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> previous_;
  std::vector<std::uint32_t> by_version_;  // definite writes of known version, ascending
  std::size_t next_by_version_ = 0;
  std::size_t remaining_ = 0;

  std::vector<pool> pools_;
  std::map<std::uint64_t, std::uint32_t> cas_pools_;  // by expected version
  std::uint32_t put_pool_ = UINT32_MAX;
  std::uint32_t remove_pool_ = UINT32_MAX;
  std::uint32_t cas_absent_pool_ = UINT32_MAX;

  register_state state_;
  // While awaiting: a possible write was the last step, taken in the state `before_`, and the next
  // one must need it.
  bool awaiting_ = false;
  register_state before_;
  position ordered_;  // the set of ordered definite steps, as a sum of random numbers
  spent_writes spent_;
  std::vector<frame> frames_;
  std::vector<choice> choices_;
  std::unordered_map<position, std::vector<dead_end>, position_hash> dead_ends_;
};

}  // namespace troupe::linearizability

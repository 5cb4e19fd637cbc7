// simulation: a whole group under chance: messages lost, delayed, repeated and reordered, writes
// late, processors slow, members crashing without what was not durable. After each step the
// properties of Raft figure 3 are checked. Everything follows from one seed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host.hpp"
#include "tests/raft/invariants/invariants.hpp"

namespace troupe::raft::testing {

class simulation {
 public:
  explicit simulation(std::uint64_t seed);

  /// One random step; throws std::logic_error when a property is broken.
  void step();
  /// No more faults: the group must elect, commit one more entry, and everyone must apply it.
  void recover();

  /// Where every member stands, for the reader of a failure.
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] std::uint64_t trace() const { return trace_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] std::uint64_t handed_out() const { return truth_.chosen_count(); }
  [[nodiscard]] std::uint64_t leaders() const { return truth_.leader_count(); }
  [[nodiscard]] std::uint64_t reads_served() const { return reads_served_; }
  [[nodiscard]] std::uint64_t snapshots() const { return snapshots_; }
  [[nodiscard]] std::uint64_t fetches() const { return fetches_; }

 private:
  struct seat {
    std::unique_ptr<host> held;
    std::size_t committed_seen = 0;
    log_index handed_out;
  };

  [[nodiscard]] std::uint64_t draw(std::uint64_t bound);
  [[nodiscard]] bool one_in(std::uint64_t n) { return draw(n) == 0; }
  void add_members();
  seat& any_seat();
  void act(seat& s);
  void pass_time(seat& s);
  void act_on_requests(seat& s);
  void deliver_any();
  void write(seat& s);
  void restart(seat& s);
  void read(seat& s);
  void finish_snapshots(seat& s);

  void check(seat& s);
  void check_handed_out(seat& s);
  void check_reads(seat& s);
  void note(std::uint64_t value);

  std::uint64_t state_;
  core_options tuned_;
  disk initial_;
  std::map<std::uint64_t, seat> seats_;
  std::vector<message> wire_;
  std::uint64_t split_ = 0;     ///< bit set: members on one side of a partition; 0 when whole
  std::uint64_t faults_ = 100;  ///< of 100 chances for a fault, how many are taken

  invariants truth_;
  std::vector<node_view> views_;
  std::uint64_t next_read_ = 1;
  std::uint64_t next_command_ = 1;
  std::uint64_t steps_ = 0;
  std::uint64_t reads_served_ = 0;
  std::uint64_t snapshots_ = 0;
  std::uint64_t fetches_ = 0;
  std::uint64_t trace_ = 14695981039346656037ULL;
};

}  // namespace troupe::raft::testing

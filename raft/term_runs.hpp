// term_runs: the shape of a log, without its entries: where it begins, where it ends, and the term
// of every index between. Terms never fall along a log, so a few runs say it all. Knows no entries.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "raft/types.hpp"

namespace troupe::raft {

class term_runs {
 public:
  term_runs(log_index base, raft::term base_term) { reset(base, base_term); }

  /// The last index covered by the snapshot; its term stays known, else the first append behind a
  /// snapshot could never be checked.
  [[nodiscard]] log_index base() const { return base_; }
  [[nodiscard]] log_index last() const { return last_; }
  [[nodiscard]] raft::term last_term() const {
    return runs_.empty() ? base_term_ : runs_.back().second;
  }
  /// None outside [base, last].
  [[nodiscard]] std::optional<raft::term> at(log_index index) const;

  /// The last index, not above `index`, whose term is not above `limit`, and that term. Where the
  /// search leaves the log it ends in front of the base, with term none. `index` ≤ last.
  [[nodiscard]] std::pair<log_index, raft::term> last_not_above(log_index index,
                                                                raft::term limit) const;

  /// The entries behind last() up to `through` have term `t`.
  void extend(log_index through, raft::term t);
  /// Forgets everything at and behind `index`.
  void truncate_from(log_index index);
  /// Forgets everything before `index`, which becomes the base.
  void compact_to(log_index index);
  void reset(log_index base, raft::term base_term);

 private:
  using run = std::pair<log_index, raft::term>;  ///< first index, term

  log_index base_;
  raft::term base_term_;
  log_index last_;
  std::vector<run> runs_;  ///< cover (base, last]; indexes and terms rise strictly
};

}  // namespace troupe::raft

#include "tests/linearizability/offending_window.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "tests/linearizability/order_search.hpp"
#include "tests/linearizability/resolution.hpp"

namespace troupe::linearizability {
namespace {

bool is_refused(const history& operations, std::uint64_t steps_max) {
  const resolution resolved = resolve(operations);
  return !resolved.contradiction.empty() ||
         order_search(resolved, steps_max).run() == search_result::none;
}

bool writes(const operation& op) {
  return op.kind != op_kind::get && op.result != outcome::failed;
}

/// What was known when the first `count` operations had ended: those under way may or may not have
/// had their effect, and have told nothing. A prefix of a linearizable history is linearizable.
history prefix(const history& by_end, std::size_t count) {
  const std::int64_t now_ns = by_end[count - 1].end_ns;
  history known(by_end.begin(), by_end.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = count; i < by_end.size(); ++i) {
    if (by_end[i].start_ns <= now_ns && writes(by_end[i])) {
      known.push_back(by_end[i]);
      known.back().result = outcome::unknown;
      known.back().version.reset();
      known.back().end_ns = never_ns;
    }
  }
  return known;
}

/// A history with every operation outside a chosen few weakened, so that a refusal rests on the
/// few.
class weakened_history {
 public:
  explicit weakened_history(const history& operations) : operations_(operations) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (!writes(operations[i])) {
        continue;
      }
      if (operations[i].kind == op_kind::remove) {
        removes_.push_back(i);
      } else {
        puts_.push_back(i);
        writer_of_.emplace(operations[i].value, i);
      }
    }
    for (auto* const places : {&puts_, &removes_}) {
      std::sort(places->begin(), places->end(), [&](std::size_t a, std::size_t b) {
        return operations[a].start_ns < operations[b].start_ns;
      });
    }
  }

  [[nodiscard]] history around(const std::vector<std::size_t>& chosen) const {
    history weakened;
    std::unordered_set<std::size_t> taken(chosen.begin(), chosen.end());
    for (const std::size_t i : chosen) {
      weakened.push_back(operations_[i]);
    }
    for (const std::size_t i : chosen) {
      const auto writer =
          operations_[i].observed ? writer_of_.find(*operations_[i].observed) : writer_of_.end();
      if (writer != writer_of_.end() && taken.insert(writer->second).second) {
        weakened.push_back(freed(operations_[writer->second]));
      }
    }
    // Unseen writes of unknown outcome differ in their start only, and each of the few needs at
    // most one: the earliest are as good as all.
    for (const auto* const places : {&puts_, &removes_}) {
      std::size_t kept = 0;
      for (auto i = places->begin(); i != places->end() && kept < chosen.size(); ++i) {
        if (taken.insert(*i).second) {
          weakened.push_back(freed(operations_[*i]));
          ++kept;
        }
      }
    }
    return weakened;
  }

 private:
  /// May happen at any time after its start, or never, and on whatever stands there.
  static operation freed(operation op) {
    op.kind = op.kind == op_kind::cas ? op_kind::put : op.kind;
    op.result = outcome::unknown;
    op.version.reset();
    op.expected.reset();
    op.end_ns = never_ns;
    return op;
  }

  const history& operations_;
  std::vector<std::size_t> puts_;     // by start; also cas
  std::vector<std::size_t> removes_;  // by start
  std::unordered_map<std::string_view, std::size_t> writer_of_;
};

/// Takes away pieces of halving length for as long as the rest is still refused.
std::vector<std::size_t> thinned(const weakened_history& weakened, std::vector<std::size_t> chosen,
                                 std::uint64_t steps_max) {
  for (std::size_t piece = std::max<std::size_t>(chosen.size() / 2, 1);; piece /= 2) {
    for (std::size_t at = 0; at < chosen.size();) {
      std::vector<std::size_t> rest = chosen;
      const auto from = rest.begin() + static_cast<std::ptrdiff_t>(at);
      rest.erase(from, from + static_cast<std::ptrdiff_t>(std::min(piece, rest.size() - at)));
      if (!rest.empty() && is_refused(weakened.around(rest), steps_max)) {
        chosen = std::move(rest);
      } else {
        at += piece;
      }
    }
    if (piece <= 1) {
      return chosen;
    }
  }
}

/// The culprit and at most two others, when that is enough: what thinning leaves cannot lose any
/// one operation, and may still be a long chain where two operations would do.
std::vector<std::size_t> smallest_of(const std::vector<std::size_t>& latest_first,
                                     const weakened_history& weakened, std::uint64_t steps_max) {
  constexpr std::size_t triples_from = 100;
  const auto refused = [&](const std::vector<std::size_t>& chosen) {
    return is_refused(weakened.around(chosen), steps_max);
  };
  const std::size_t culprit = latest_first.front();
  if (refused({culprit})) {
    return {culprit};
  }
  for (const std::size_t other : latest_first) {
    if (other != culprit && refused({culprit, other})) {
      return {culprit, other};
    }
  }
  const std::size_t end = std::min(latest_first.size(), triples_from);
  for (std::size_t i = 1; i < end; ++i) {
    for (std::size_t j = i + 1; j < end; ++j) {
      if (refused({culprit, latest_first[i], latest_first[j]})) {
        return {culprit, latest_first[i], latest_first[j]};
      }
    }
  }
  return {};
}

/// As many of the latest operations as it takes, and of those the ones that it takes.
std::vector<std::size_t> enough_of(const std::vector<std::size_t>& latest_first,
                                   const weakened_history& weakened, std::uint64_t steps_max) {
  for (std::size_t count = 4;; count *= 2) {
    count = std::min(count, latest_first.size());
    const std::vector<std::size_t> chosen(
        latest_first.begin(), latest_first.begin() + static_cast<std::ptrdiff_t>(count));
    if (count == latest_first.size() || is_refused(weakened.around(chosen), steps_max)) {
      return thinned(weakened, chosen, steps_max);
    }
  }
}

}  // namespace

history offending_window(const history& operations, std::uint64_t steps_max) {
  history by_end = operations;
  std::stable_sort(by_end.begin(), by_end.end(),
                   [](const operation& a, const operation& b) { return a.end_ns < b.end_ns; });
  std::size_t accepted = 0;
  std::size_t refused = by_end.size();
  while (accepted + 1 < refused) {
    const std::size_t middle = accepted + (refused - accepted) / 2;
    (is_refused(prefix(by_end, middle), steps_max) ? refused : accepted) = middle;
  }
  const history shortest = prefix(by_end, refused);
  const weakened_history weakened(shortest);
  // First the operation whose end made the prefix impossible, then those under way at that moment,
  // then those that had ended.
  std::vector<std::size_t> latest_first = {refused - 1};
  for (std::size_t i = refused; i < shortest.size(); ++i) {
    latest_first.push_back(i);
  }
  for (std::size_t i = refused - 1; i-- > 0;) {
    latest_first.push_back(i);
  }
  std::vector<std::size_t> chosen = smallest_of(latest_first, weakened, steps_max);
  if (chosen.empty()) {
    chosen = enough_of(latest_first, weakened, steps_max);
  }
  history window;
  for (const std::size_t i : chosen) {
    window.push_back(shortest[i]);
  }
  std::sort(window.begin(), window.end(),
            [](const operation& a, const operation& b) { return a.start_ns < b.start_ns; });
  return window;
}

}  // namespace troupe::linearizability

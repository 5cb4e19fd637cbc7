#include "tests/linearizability/resolution.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace troupe::linearizability {
namespace {

constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

bool writes(const operation& op) {
  return op.kind != op_kind::get && op.result != outcome::failed;
}

bool writes_value(const operation& op) {
  return writes(op) && op.kind != op_kind::remove;
}

class resolver {
 public:
  explicit resolver(const history& operations)
      : operations_(operations),
        version_(operations.size()),
        first_seen_by_(operations.size(), nobody) {}

  resolution run() {
    if (check_shapes() && index_values() && match_reads() && check_versions()) {
      for (std::size_t i = 0; i < operations_.size(); ++i) {
        add_step(i);
      }
    }
    return std::move(resolved_);
  }

 private:
  bool contradict(std::string what, std::vector<std::size_t> operations) {
    resolved_.contradiction = std::move(what);
    resolved_.contradicting = std::move(operations);
    return false;
  }
  bool malformed(std::string what, std::vector<std::size_t> operations) {
    resolved_.malformed = true;
    return contradict(std::move(what), std::move(operations));
  }

  bool check_shapes() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const operation& op = operations_[i];
      if (op.end_ns < op.start_ns) {
        return malformed("an operation ends before it starts", {i});
      }
      if (op.result != outcome::unknown && op.end_ns == never_ns) {
        return malformed("an operation with a known outcome has no end", {i});
      }
    }
    return true;
  }

  bool index_values() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const operation& op = operations_[i];
      if (op.kind == op_kind::cas && op.result == outcome::failed) {
        refused_.emplace(op.value, i);
      }
      if (!writes_value(op)) {
        continue;
      }
      // Which write a get saw must be beyond doubt, or the search would have to try each.
      const auto [other, is_new] = writer_of_.emplace(op.value, i);
      if (!is_new) {
        return malformed("two writes of the same value: values must be unique", {other->second, i});
      }
      if (op.result == outcome::ok) {
        version_[i] = op.version;
      }
    }
    return true;
  }

  bool match_reads() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const operation& op = operations_[i];
      if (op.kind != op_kind::get || op.result != outcome::ok || !op.observed) {
        continue;
      }
      const auto writer = writer_of_.find(*op.observed);
      if (writer == writer_of_.end()) {
        const auto refused = refused_.find(*op.observed);
        return refused == refused_.end()
                   ? contradict("a get saw a value that nobody wrote", {i})
                   : contradict("a get saw the value of a refused cas", {refused->second, i});
      }
      const std::size_t w = writer->second;
      if (op.version && version_[w] && *op.version != *version_[w]) {
        const std::size_t other = reporter_.count(w) != 0 ? reporter_[w] : w;
        return contradict("one write was reported with two versions: it took effect twice",
                          {w, other, i});
      }
      if (op.version && !version_[w]) {
        version_[w] = op.version;
        reporter_[w] = i;
      }
      // Whoever starts after this get ended comes after the write too, whatever its own end.
      if (first_seen_by_[w] == nobody || op.end_ns < operations_[first_seen_by_[w]].end_ns) {
        first_seen_by_[w] = i;
      }
    }
    return true;
  }

  bool check_versions() {
    std::unordered_map<std::uint64_t, std::size_t> owner;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const operation& op = operations_[i];
      if (op.kind == op_kind::remove && op.result == outcome::ok) {
        version_[i] = op.version;
      }
      if (!version_[i]) {
        continue;
      }
      const auto [other, is_new] = owner.emplace(*version_[i], i);
      if (!is_new) {
        return contradict("two writes have the same version", {other->second, i});
      }
    }
    return true;
  }

  void add_step(std::size_t i) {
    const operation& op = operations_[i];
    if (op.kind == op_kind::get) {
      if (op.result == outcome::ok) {
        add_read(op);
      }
      return;
    }
    if (op.result == outcome::failed && op.kind != op_kind::cas) {
      return;
    }
    step s;
    s.start_ns = op.start_ns;
    s.end_ns = op.end_ns;
    s.expects_absent = !op.expected;
    s.expected = op.expected.value_or(0);
    const bool seen = first_seen_by_[i] != nobody;
    if (op.result == outcome::failed) {
      s.does = action::cas_refused;
      set_version(s, op.version);
    } else {
      s.does = op.kind == op_kind::put   ? action::put
               : op.kind == op_kind::cas ? action::cas
                                         : action::remove;
      s.writer = op.kind == op_kind::remove ? absent : seen ? static_cast<writer_id>(i) : unseen;
      set_version(s, version_[i]);
    }
    if (op.result == outcome::unknown && !seen) {
      resolved_.possible.push_back(s);
      return;
    }
    if (seen) {
      const std::size_t reader = first_seen_by_[i];
      s.end_ns = std::min(op.end_ns, operations_[reader].end_ns);
      if (s.end_ns < s.start_ns) {
        contradict("a get saw a value before its write began", {i, reader});
      }
    }
    resolved_.definite.push_back(s);
  }

  void add_read(const operation& op) {
    step s;
    s.start_ns = op.start_ns;
    s.end_ns = op.end_ns;
    s.does = op.observed ? action::read_value : action::read_absent;
    s.writer = op.observed ? static_cast<writer_id>(writer_of_.at(*op.observed)) : absent;
    resolved_.definite.push_back(s);
  }

  static void set_version(step& s, const std::optional<std::uint64_t>& version) {
    s.has_version = version.has_value();
    s.version = version.value_or(0);
  }

  const history& operations_;
  std::vector<std::optional<std::uint64_t>> version_;  // of each write, from whoever reported it
  std::vector<std::size_t> first_seen_by_;             // of each write, the get that ended first
  std::unordered_map<std::string_view, std::size_t> writer_of_;
  std::unordered_map<std::string_view, std::size_t> refused_;
  std::unordered_map<std::size_t, std::size_t> reporter_;  // the get that told a write's version
  resolution resolved_;
};

}  // namespace

resolution resolve(const history& operations) {
  return resolver(operations).run();
}

}  // namespace troupe::linearizability

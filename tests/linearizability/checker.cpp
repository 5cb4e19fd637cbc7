#include "tests/linearizability/checker.hpp"

#include <algorithm>

#include "tests/linearizability/offending_window.hpp"
#include "tests/linearizability/order_search.hpp"
#include "tests/linearizability/resolution.hpp"

namespace troupe::linearizability {
namespace {

history at(const history& operations, const std::vector<std::size_t>& places) {
  history found;
  for (const std::size_t place : places) {
    found.push_back(operations[place]);
  }
  std::sort(found.begin(), found.end(),
            [](const operation& a, const operation& b) { return a.start_ns < b.start_ns; });
  found.erase(std::unique(found.begin(), found.end(),
                          [](const operation& a, const operation& b) {
                            return a.client == b.client && a.start_ns == b.start_ns;
                          }),
              found.end());
  return found;
}

}  // namespace

verdict check(const history& operations, const check_options& options) {
  verdict v;
  const resolution resolved = resolve(operations);
  if (!resolved.contradiction.empty()) {
    v.result = resolved.malformed ? conclusion::malformed : conclusion::not_linearizable;
    v.reason = resolved.contradiction;
    v.window = at(operations, resolved.contradicting);
    return v;
  }
  order_search search(resolved, options.steps_max);
  switch (search.run()) {
    case search_result::found:
      return v;
    case search_result::gave_up:
      v.result = conclusion::undecided;
      v.reason = "given up after " + std::to_string(options.steps_max) + " steps";
      return v;
    case search_result::none:
      v.result = conclusion::not_linearizable;
      v.reason = "no order satisfies these operations, whatever the others did";
      if (options.find_window) {
        v.window = offending_window(operations, options.steps_max);
      }
      return v;
  }
  return v;
}

std::string describe(const verdict& v) {
  if (v.result == conclusion::linearizable) {
    return "linearizable";
  }
  std::string text = v.result == conclusion::not_linearizable ? "NOT linearizable: "
                     : v.result == conclusion::undecided      ? "undecided: "
                                                              : "malformed: ";
  text += v.reason;
  for (const operation& op : v.window) {
    text += "\n  " + describe(op);
  }
  return text;
}

}  // namespace troupe::linearizability

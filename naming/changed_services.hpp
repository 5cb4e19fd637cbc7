// changed_services: which services somebody has to look at again. Whoever changes them notes them
// here at once, whoever looks takes them when he is ready. Knows nothing of either.
//
// From any thread. Bound: a service stands here once, however often it changed.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <vector>

#include "naming/service.hpp"

namespace troupe::naming {

class changed_services {
 public:
  /// True when nothing stood here: the one who looks has to be told.
  bool add(const service_key& key) {
    const std::lock_guard lock(mutex_);
    const bool first = keys_.empty();
    keys_.insert(key);
    return first;
  }

  struct taken {
    std::vector<service_key> keys;
    bool more = false;
  };
  taken take(std::size_t most) {
    const std::lock_guard lock(mutex_);
    taken out;
    while (!keys_.empty() && out.keys.size() < most) {
      out.keys.push_back(std::move(keys_.extract(keys_.begin()).value()));
    }
    out.more = !keys_.empty();
    return out;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    keys_.clear();
  }

 private:
  std::mutex mutex_;
  std::set<service_key> keys_;
};

}  // namespace troupe::naming

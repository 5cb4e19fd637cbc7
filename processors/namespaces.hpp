// namespaces: the part of the configuration group that keeps Nacos namespaces: which exist beside
// the default one, how they are called. Knows nothing of HTTP and of what lies in a namespace: the
// data of a removed one stays. nacos-spec C.10, E.5; namespace_messages.hpp says what it
// understands.
//
// Uses the keys of its group that begin with 'n'.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "groups/processor.hpp"
#include "processors/namespace_observer.hpp"

namespace troupe::processors {

class namespaces {
 public:
  explicit namespaces(std::shared_ptr<spaces::namespace_observer> told = nullptr)
      : told_(std::move(told)) {}

  /// Whether a command or query with this verb belongs here.
  [[nodiscard]] static bool understands(std::string_view verb) {
    return verb.substr(0, spaces::verb_prefix.size()) == spaces::verb_prefix;
  }

  // As processor's, whose host calls them for the whole group.
  reply apply(const command& entry, persistence::state_batch& batch);
  [[nodiscard]] reply query(std::string_view request, const persistence::state_view& view) const;
  void loaded(const persistence::state_view& view);
  void committed();

 private:
  reply put(const spaces::command& c, persistence::state_batch& batch);
  reply remove(const spaces::command& c, persistence::state_batch& batch);

  std::shared_ptr<spaces::namespace_observer> told_;
  /// What apply wrote and the observer does not know yet.
  std::vector<std::function<void(spaces::namespace_observer&)>> news_;
};

}  // namespace troupe::processors

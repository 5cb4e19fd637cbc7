// observed_processor: a processor that tells an observer what its group has committed: whenever its
// state is opened every key, and from then on each key that a successful apply wrote. One function
// reads keys in both cases, so that what is told step by step and what is told at once agree. Knows
// nothing of what the keys mean.
//
// Remembers the told keys of what is applied and not committed yet: at most one batch of the FSM
// caller, whose bytes are bounded there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "groups/processor.hpp"
#include "processors/naming_observer.hpp"

namespace troupe::processors {

class observed_processor : public processor {
 public:
  /// Call before the processor is added to a node. Without an observer nothing is remembered.
  void observe(std::shared_ptr<naming::naming_observer> observer);

  reply apply(const command& entry, persistence::state_batch& batch) final;
  void loaded(const persistence::state_view& view) final;
  void committed() final;

 protected:
  using value_view = std::optional<std::string_view>;

  virtual reply change(const command& entry, persistence::state_batch& batch) = 0;
  /// First bytes of the keys that are told, in the order in which loaded() tells them.
  [[nodiscard]] virtual std::string_view told_spaces() const = 0;
  /// Says what a key holds now, nothing when it is gone. False when that cannot be read.
  virtual bool tell(naming::naming_observer& to, std::string_view key, value_view value) const = 0;
  virtual void tell_begin(naming::naming_observer& to) const = 0;
  virtual void tell_loaded(naming::naming_observer& to) const = 0;

  [[nodiscard]] naming::naming_observer* observer() const { return observer_.get(); }

 private:
  struct written {
    std::string key;
    std::optional<std::string> value;  ///< none: erased
  };
  class recording;

  void try_to_tell(std::string_view key, value_view value) const;

  std::shared_ptr<naming::naming_observer> observer_;
  std::vector<written> untold_;
};

}  // namespace troupe::processors

// namespace_observer: told which namespaces have been committed, in the order of the log. Knows
// nothing of who listens.
#pragma once

#include <string_view>

#include "processors/namespace_messages.hpp"

namespace troupe::processors::spaces {

/// Called by one thread at a time, on a thread of the processor, which must not be held up. Texts
/// live until the call returns.
///
/// Whenever the state is opened, at the start and behind a snapshot, begin() says that all of it
/// follows, up to loaded(); what is not told again is gone.
class namespace_observer {
 public:
  namespace_observer() = default;
  namespace_observer(const namespace_observer&) = delete;
  namespace_observer& operator=(const namespace_observer&) = delete;
  virtual ~namespace_observer() = default;

  virtual void begin() = 0;
  virtual void put(std::string_view id, const record& r) = 0;
  virtual void erased(std::string_view id) = 0;
  virtual void loaded() = 0;
};

}  // namespace troupe::processors::spaces

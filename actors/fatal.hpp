// fatal: what a node does when it can no longer keep its promises, above all after a failed sync.
#pragma once

#include <functional>
#include <string>

namespace troupe::actors {

/// Called once, from any thread, with what happened and where. The node stops and is never asked to
/// sync again on top of a failed sync.
using fatal_handler = std::function<void(const std::string& why)>;

}  // namespace troupe::actors

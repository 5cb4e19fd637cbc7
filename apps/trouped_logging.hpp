// trouped_logging: where the server's log lines go and how they look.
#pragma once

#include <string>

#include "apps/trouped_options.hpp"

namespace troupe::apps {

/// Sets spdlog's default logger. Empty on success, else the file's name, what is wrong and the fix.
std::string start_logging(const trouped_options& options);

}  // namespace troupe::apps

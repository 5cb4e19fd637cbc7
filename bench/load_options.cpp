#include "bench/load_options.hpp"

#include <algorithm>

namespace troupe::bench {
namespace {

constexpr std::size_t overload_outstanding_factor = 16;

}  // namespace

std::vector<std::string> group_names(const load_options& options) {
  if (options.groups == 1) return {options.group};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < options.groups; ++i) {
    names.push_back(options.group + "-" + std::to_string(i));
  }
  return names;
}

std::string complaint(const std::string& target, const load_options& options) {
  const bool is_remote = target == "native" || target == "http";
  if (is_remote && options.endpoints.empty())
    return "--endpoints: --target " + target + " needs it";
  if (!is_remote && !options.endpoints.empty()) {
    return "--endpoints: --target " + target + " starts nodes of its own";
  }
  if (target == "http" && options.groups > 1) {
    return "--groups: /kv/v1 has one group; --target native loads many";
  }
  if (target == "http" && options.depth > 1) {
    return "--depth: a connection has one request under way; ask for more --clients";
  }
  if (target == "http" && options.fill) {
    return "--fill: is done through handles of groups; --target native can do it before";
  }
  if (options.outstanding_max() > outstanding_limit) {
    return "--depth: times --clients must not exceed " + std::to_string(outstanding_limit);
  }
  if (options.local_reads && options.reads == 0) {
    return "--consistency: is about reads, and --reads is 0";
  }
  return {};
}

load_options overload_of(const std::string& target, const load_options& options,
                         double peak_per_second) {
  auto more = options;
  more.rate = overload_factor * peak_per_second;
  auto& factor = target == "http" ? more.clients : more.depth;
  const auto room = outstanding_limit / options.outstanding_max();
  factor *= std::clamp<std::size_t>(room, 1, overload_outstanding_factor);
  return more;
}

}  // namespace troupe::bench

#include "naming/health_entry.hpp"

#include <string_view>

#include "processors/naming_service_messages.hpp"

namespace troupe::naming {

namespace told = processors::naming;

std::string encode_health_entry(const std::vector<health_flip>& flips,
                                const processors::naming::stamp& stamp) {
  told::change_health entry;
  entry.stamp = stamp;
  for (const auto& f : flips) {
    const auto reason = std::string_view(f.reason).substr(0, told::health_reason_bytes_max);
    entry.changes.push_back({f.service.view(), f.ip, f.port, f.cluster, f.healthy, reason});
  }
  return told::encode(entry);
}

}  // namespace troupe::naming

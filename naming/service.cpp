#include "naming/service.hpp"

#include <algorithm>

namespace troupe::naming {

service_key key_of(const processors::naming::service& s) {
  return {std::string(s.namespace_id), std::string(s.service_group), std::string(s.name)};
}

std::string host::client() const {
  return ip + ':' + std::to_string(port) + (ephemeral ? "#true" : "#false");
}

std::string host::instance_id(const service_key& s) const {
  if (!generated_id.empty()) return generated_id;
  return ip + '#' + std::to_string(port) + '#' + cluster + '#' + s.grouped();
}

std::string host::tag() const {
  return ip + ':' + std::to_string(port) + ':' + cluster;
}

host_ptr find_host(const service& in, std::string_view ip, std::uint16_t port,
                   std::string_view cluster) {
  const auto found = std::find_if(in.hosts.begin(), in.hosts.end(), [&](const host_ptr& h) {
    return h->port == port && h->ip == ip && h->cluster == cluster;
  });
  return found == in.hosts.end() ? nullptr : *found;
}

}  // namespace troupe::naming

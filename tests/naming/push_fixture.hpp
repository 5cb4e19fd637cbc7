// push_fixture: services that change, and what a push of them says.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "naming/push.hpp"
#include "unzipped.hpp"

namespace troupe::testing {

using namespace naming;
using boost::asio::ip::make_address;
using nlohmann::json;
namespace told = processors::naming;

inline const service_key orders{"public", "g", "orders"};
inline const service_key bills{"public", "g", "bills"};

inline push_socket::endpoint at(std::uint16_t port) {
  return {make_address("127.0.0.1"), port};
}

struct heard_datagram {
  std::uint16_t port = 0;
  std::string bytes;

  [[nodiscard]] json content() const { return json::parse(unzipped(bytes)); }
  [[nodiscard]] std::int64_t reference() const { return content()["lastRefTime"]; }
};

/// "orders [a,b]: 10.0.0.1 10.0.0.2" and as much padding as asked for.
inline std::string text_of(const service_key& key, const service_ptr& shown,
                           std::string_view clusters, std::size_t padding) {
  std::string out = key.name + " [" + std::string(clusters) + "]:";
  if (shown) {
    for (const auto& h : shown->hosts) out += ' ' + h->ip;
  }
  // Digits that no packer makes small.
  std::mt19937_64 chance(5);
  while (padding > 0 && out.size() < padding) out += std::to_string(chance());
  return out;
}

inline void load(catalogue& services) {
  services.instances_begin();
  services.instances_loaded();
  services.settings_begin();
  services.settings_loaded();
  services.overlays_begin();
  services.overlays_loaded();
  services.committed();
}

inline void put(catalogue& services, const service_key& key, const std::string& ip) {
  services.service_put(key.view(), {});
  told::instance i;
  i.ip = ip;
  i.port = 80;
  services.instance_put(key.view(), i);
  services.committed();
}

}  // namespace troupe::testing

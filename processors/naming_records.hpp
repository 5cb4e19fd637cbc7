// naming_records: what the naming groups keep beside instances: settings of services and their
// clusters, and what operators laid over instances. Owned texts: they are few and change rarely.
// Knows nothing of who stores them and of HTTP. nacos-spec E.2, E.3.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace troupe::processors::naming {

using text_map = std::map<std::string, std::string>;

/// How the instances of one cluster are probed. nacos-spec C.4.6, C.13.2.
struct health_checker {
  std::string type = "TCP";  ///< TCP, HTTP, MYSQL or NONE
  // HTTP
  std::string path;
  std::string headers;  ///< "Name:Value|Name:Value"
  std::uint32_t expected_code = 200;
  // MYSQL
  std::string user;
  std::string password;
  std::string command;
  friend bool operator==(const health_checker&, const health_checker&) = default;
};

struct cluster_settings {
  std::uint16_t check_port = 80;
  bool use_instance_port = true;
  health_checker checker;
  text_map metadata;
  friend bool operator==(const cluster_settings&, const cluster_settings&) = default;
};

struct service_settings {
  /// Of a service that only nodes know whose clients register in it: so that nobody who does not
  /// see it takes them for left over. As the last writer saw it.
  bool ephemeral = false;
  double protect_threshold = 0;  ///< 0 to 1
  std::string selector_type = "none";
  std::string selector_expression;
  text_map metadata;
  std::map<std::string, cluster_settings> clusters;  ///< by name of the cluster
  friend bool operator==(const service_settings&, const service_settings&) = default;
};

/// Laid over what an instance was registered with, until it is removed. What is unset is as it was
/// registered, also when it is registered anew. nacos-spec H19.
struct instance_overlay {
  std::optional<bool> enabled;
  std::optional<double> weight;  ///< 0 to weight_max
  text_map metadata;             ///< merged over the registered one
  friend bool operator==(const instance_overlay&, const instance_overlay&) = default;
};

}  // namespace troupe::processors::naming

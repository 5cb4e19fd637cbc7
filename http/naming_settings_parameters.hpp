// naming_settings_parameters: settings of services and clusters as requests give them, read and
// checked (nacos-spec C.4.5, C.4.6), and as answers show them. Knows nothing of who stores them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "http/naming_parameters.hpp"
#include "naming/service.hpp"
#include "processors/naming_records.hpp"

namespace troupe::http {

struct settings_refusal {
  enum class about : std::uint8_t { threshold, metadata, selector, checker, port };
  about what;
  std::string text;
};

template <class T>
using settings_read = raft::expected<T, settings_refusal>;

/// protectThreshold (0 when absent), metadata, selector; no clusters.
settings_read<processors::naming::service_settings> read_settings(const naming_parameters& p);
/// checkPort, useInstancePort4Check, healthChecker, metadata; all but the last must be there.
settings_read<processors::naming::cluster_settings> read_cluster(const naming_parameters& p);

nlohmann::ordered_json checker_json(const processors::naming::health_checker& c);
nlohmann::ordered_json selector_json(const processors::naming::service_settings& s);

/// The clusters of a service: those with settings, and those of its hosts.
std::set<std::string> cluster_names(const naming::service& s);
/// The settings of one of them; the defaults where nobody set any.
processors::naming::cluster_settings cluster_of(const naming::service& s, const std::string& name);

}  // namespace troupe::http

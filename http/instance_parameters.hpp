// instance_parameters: what a request says about instances: which one, what it registers with, what
// is to be changed about it, that it is alive (nacos-spec C.2, C.4.1, C.4.2, C.4.4). Knows nothing
// of what stands and of groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/naming_dialect.hpp"
#include "http/naming_parameters.hpp"
#include "naming/overlay_change.hpp"

namespace troupe::http {

struct registration {
  service_name service;
  naming::host instance;
  std::optional<bool> ephemeral;  ///< unset: not said
};

/// Whom a request is about: service, ip, port, cluster. The rest keeps its defaults.
naming_read<registration> read_identity(const naming_parameters& p, const naming_dialect& says);
/// All parameters of a registration, with the rules on instances.
naming_read<registration> read_registration(const naming_parameters& p, const naming_dialect& says);

/// What a PATCH names: the rest stays as it is.
naming_read<naming::overlay_change> read_patch(const naming_parameters& p,
                                               const naming_dialect& says);

/// A sign of life. A full one says all that a registration says.
struct sign_of_life {
  service_name service;
  std::string ip;
  std::uint16_t port = 0;
  /// Only of a full one: its parameters, as if it registered.
  std::optional<naming_parameters> registers;
};
naming_read<sign_of_life> read_beat(const naming_parameters& p, const naming_dialect& says);

/// One of those that a batch is about.
struct batch_target {
  std::string ip;
  std::uint16_t port = 0;
  std::string cluster;
};
/// The parameter `instances`; nothing, which means all of the service, when it is absent or no such
/// list.
std::optional<std::vector<batch_target>> read_targets(const naming_parameters& p);

}  // namespace troupe::http

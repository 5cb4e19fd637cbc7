#include "http/ephemeral_answers.hpp"

namespace troupe::http {

namespace {

namespace told = processors::naming;

/// Another node may have room: clients try the next server on 5xx.
response full(const naming_dialect& says, std::string text) {
  return says.failed({error_code::overloaded, std::move(text), {}}, {});
}

}  // namespace

std::string mixing_text(const naming::service_key& s, bool is_persistent) {
  return "errCode: 400, errMsg: Current service " + s.grouped() +
         (is_persistent ? " is persistent service, can't register ephemeral instance. "
                        : " is ephemeral service, can't register persistent instance. ");
}

response ephemeral_failed(const naming_dialect& says, naming::ephemeral_failure why,
                          const naming::service_key& s) {
  switch (why) {
    case naming::ephemeral_failure::persistent_service:
      return says.refused(nacos_code::server_error, mixing_text(s, true));
    case naming::ephemeral_failure::too_many_in_service:
      return full(says, "service " + s.grouped() + " has " +
                            std::to_string(told::instances_per_service_max) +
                            " instances already, the most that a service may have");
    case naming::ephemeral_failure::too_many_on_node:
      return full(says, "this node holds as many ephemeral instances as it takes");
    case naming::ephemeral_failure::unknown_instance:
      // Ephemeral instances are known where they beat: another node may be that.
      return says.refused(nacos_code::instance_not_found,
                          "instance not found on this node, namespace: " + s.namespace_id +
                              ", service: " + s.grouped());
    case naming::ephemeral_failure::too_much_metadata:
      return says.refused(nacos_code::instance_metadata_error,
                          "metadata: what is laid over an instance has at most " +
                              std::to_string(told::metadata_pairs_max) + " keys and " +
                              std::to_string(told::metadata_bytes_max) + " bytes");
  }
  return says.refused(nacos_code::server_error, "unknown failure");
}

}  // namespace troupe::http

#include "http/instance_ids.hpp"

namespace troupe::http {

namespace {

constexpr const char* generator_key = "preserved.instance.id.generator";

// 41 bits of time, 10 of the node, 12 that count: the parts of a snowflake number.
constexpr std::uint64_t time_mask = (std::uint64_t{1} << 41U) - 1;
constexpr std::uint64_t node_mask = 1'023;
constexpr std::uint64_t count_mask = 4'095;

}  // namespace

std::string generated_id(const registration& r, const naming::service_ptr& known,
                         const processors::naming::stamp& s) {
  const auto& h = r.instance;
  const auto wanted = h.metadata.find(generator_key);
  if (wanted == h.metadata.end() || wanted->second != "snowflake") return {};
  const auto standing = known ? naming::find_host(*known, h.ip, h.port, h.cluster) : nullptr;
  if (standing && !standing->generated_id.empty()) return standing->generated_id;
  const auto number = ((s.proposer_ms & time_mask) << 22U) | ((s.node.value() & node_mask) << 12U) |
                      (s.request_id & count_mask);
  return std::to_string(number) + '#' + h.cluster + '#' + r.service.grouped();
}

}  // namespace troupe::http

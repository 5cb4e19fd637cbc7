#include "naming/overlay_change.hpp"

namespace troupe::naming {

host laid_over(const host& registered, const processors::naming::instance_overlay& overlay) {
  host out = registered;
  out.has_overlay = true;
  out.enabled = overlay.enabled.value_or(registered.enabled);
  out.weight = overlay.weight.value_or(registered.weight);
  for (const auto& [key, value] : overlay.metadata) out.metadata[key] = value;
  return out;
}

}  // namespace troupe::naming

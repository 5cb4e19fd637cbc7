#include "naming/overlay_change.hpp"

namespace troupe::naming {

using processors::naming::instance_overlay;
using processors::naming::metadata_edit;

instance_overlay changed(const std::optional<instance_overlay>& before, const host& registered,
                         const overlay_change& change) {
  auto out = before.value_or(instance_overlay{registered.enabled, registered.weight, {}});
  out.enabled = change.enabled.value_or(out.enabled);
  out.weight = change.weight.value_or(out.weight);
  switch (change.edit) {
    case metadata_edit::keep:
      break;
    case metadata_edit::replace:
      out.metadata = change.metadata;
      break;
    case metadata_edit::merge:
      for (const auto& [key, value] : change.metadata) out.metadata[key] = value;
      break;
    case metadata_edit::remove:
      for (const auto& [key, value] : change.metadata) out.metadata.erase(key);
      break;
  }
  return out;
}

bool changes_nothing(const instance_overlay& overlay, const host& registered) {
  return overlay == instance_overlay{registered.enabled, registered.weight, {}};
}

host laid_over(const host& registered, const instance_overlay& overlay) {
  host out = registered;
  out.has_overlay = true;
  out.enabled = overlay.enabled;
  out.weight = overlay.weight;
  for (const auto& [key, value] : overlay.metadata) out.metadata[key] = value;
  return out;
}

}  // namespace troupe::naming

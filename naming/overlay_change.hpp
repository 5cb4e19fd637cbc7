// overlay_change: what an operator wants to be different about an instance. Knows nothing of where
// overlays are kept and of HTTP. nacos-spec C.4.2, E.3, H19.
#pragma once

#include <optional>

#include "naming/service.hpp"
#include "processors/naming_overlay_messages.hpp"

namespace troupe::naming {

/// What is unset stays as it is.
struct overlay_change {
  std::optional<bool> enabled;
  std::optional<double> weight;
  processors::naming::metadata_edit edit = processors::naming::metadata_edit::keep;
  text_map metadata;  ///< what `edit` is about; of those to be removed the keys count
};

/// The overlay after the change. Without one before, it begins with what the instance was
/// registered with, so that nothing that was not named changes (H19).
processors::naming::instance_overlay changed(
    const std::optional<processors::naming::instance_overlay>& before, const host& registered,
    const overlay_change& change);

/// Whether it leaves the instance as it was registered, so that it need not be kept.
bool changes_nothing(const processors::naming::instance_overlay& overlay, const host& registered);

/// The instance as users see it.
host laid_over(const host& registered, const processors::naming::instance_overlay& overlay);

}  // namespace troupe::naming

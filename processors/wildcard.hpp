// wildcard: texts with '*' for any characters, as operators search with. Knows nothing of what is
// searched.
#pragma once

#include <string_view>

namespace troupe::processors {

/// Whether the whole text is of this form. Time grows with the product of the lengths at worst.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace troupe::processors

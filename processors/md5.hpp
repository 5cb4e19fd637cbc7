// md5: the digest by which Nacos clients tell whether a configuration has changed. No protection
// against anybody: it is theirs, not ours. Knows nothing of configurations.
#pragma once

#include <string>
#include <string_view>

namespace troupe::processors {

/// 32 lower-case hexadecimal digits.
std::string md5_hex(std::string_view bytes);

}  // namespace troupe::processors

// decode_error: why bytes were not what they claimed to be.
#pragma once

#include <string>

namespace troupe::codec {

struct decode_error {
  std::string what;  ///< names the field and the limit or the expected form
};

}  // namespace troupe::codec

// console_files: the files of web/, as the build put them into the program. Knows nothing of how
// they are served.
#pragma once

#include <string_view>
#include <vector>

namespace troupe::http {

struct console_file {
  std::string_view name;
  std::string_view content_type;
  std::string_view tag;  ///< an entity tag, quoted: differs when the content does
  std::string_view content;
};

const std::vector<console_file>& console_files();

}  // namespace troupe::http

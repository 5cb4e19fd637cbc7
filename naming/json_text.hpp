// json_text: JSON written straight into a text. Lists of hosts are polled by every client: without
// a tree of values they cost a fraction of the time. Knows nothing of what is said.
#pragma once

#include <string>
#include <string_view>

#include "processors/naming_records.hpp"

namespace troupe::naming {

/// Quoted; bytes that are no UTF-8 are replaced.
void append_json(std::string& out, std::string_view text);
/// Always with a decimal point or an exponent: C++ clients read nothing else as a weight.
void append_json(std::string& out, double number);
/// An object of texts.
void append_json(std::string& out, const processors::naming::text_map& map);

}  // namespace troupe::naming

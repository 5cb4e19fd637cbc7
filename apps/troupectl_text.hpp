// troupectl_text: forms of text that the HTTP interface asks for, and that people can read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::apps {

/// RFC 3986 §2.3: all but the unreserved characters become %XX.
std::string percent_encode(std::string_view text);
/// A '%' without two hexadecimal digits stays as it is.
std::string percent_decode(std::string_view text);

/// RFC 4648 §4, with padding.
std::string base64_encode(std::string_view bytes);
/// What no base64 character can be is skipped.
std::string base64_decode(std::string_view text);

/// One line for a table: bytes that do not print as \xNN, and "…" where it was cut.
std::string printable(std::string_view bytes, std::size_t characters_max);

/// The non-empty elements between commas.
std::vector<std::string> split_list(std::string_view text);

}  // namespace troupe::apps

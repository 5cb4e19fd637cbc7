// text_forms: the ways HTTP writes bytes as text: percent-encoding, form parameters, base64. Knows
// nothing of what the bytes mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

/// Letters, digits and "-._~" stay (RFC 3986 §2.3); everything else becomes %XX.
std::string percent_encode(std::string_view bytes);

/// Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// RFC 4648 §4, with padding.
std::string base64_encode(std::string_view bytes);

/// Nothing when the text holds other characters or ends amid a byte; padding may lack.
std::optional<std::string> base64_decode(std::string_view text);

/// Parameters of a query string or form body. The first of two parameters of one name wins.
class parameters {
 public:
  /// Adds `name=value&…`, '+' as space. False when an escape is malformed; nothing is added then.
  [[nodiscard]] bool add_form(std::string_view text);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> found_;
};

std::string_view trimmed(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Decimal digits only, within [min, max].
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t min,
                                          std::uint64_t max);

}  // namespace troupe::http

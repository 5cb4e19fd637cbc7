// naming_text: which characters names of the naming API may have (nacos-spec C.2). Knows nothing of
// parameters and answers.
#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::http {

struct text_facts {
  std::size_t characters = 0;  ///< code points
  bool valid = true;           ///< UTF-8
  bool has_cjk = false;        ///< U+4E00 to U+9FA5, as Nacos tests it
  bool has_blank = false;
};

text_facts examine(std::string_view text);

/// Letters, digits, '_', '-' (namespaces and clusters).
bool is_word(std::string_view text);
/// Letters, digits, '_', '-', '.', ':' (service groups).
bool is_group_text(std::string_view text);
/// Letters, digits, '-': stricter than the parameter check, for instances that register.
bool is_cluster_name(std::string_view text);

}  // namespace troupe::http

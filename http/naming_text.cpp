#include "http/naming_text.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe::http {

namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_of(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [also](char c) {
    return is_alphanumeric(c) || also.find(c) != std::string_view::npos;
  });
}

/// Bytes of the sequence that begins with `lead`; 0 for a byte that begins none.
std::size_t sequence_bytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/// Every code point has one form, the shortest; surrogates have none (RFC 3629 §3).
bool is_well_formed(std::uint32_t point, std::size_t bytes) {
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  return point >= least[bytes] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

}  // namespace

text_facts examine(std::string_view text) {
  text_facts facts;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const auto bytes = sequence_bytes(lead);
    if (bytes == 0 || i + bytes > text.size()) {
      facts.valid = false;
      return facts;
    }
    std::uint32_t point = bytes == 1 ? lead : lead & (0xffU >> (bytes + 1));
    for (std::size_t k = 1; k < bytes; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) facts.valid = false;
      point = (point << 6U) | (next & 0x3fU);
    }
    if (!is_well_formed(point, bytes)) facts.valid = false;
    facts.has_cjk = facts.has_cjk || (point >= 0x4e00 && point <= 0x9fa5);
    facts.has_blank = facts.has_blank || point == ' ' || (point >= 9 && point <= 13);
    ++facts.characters;
    i += bytes;
  }
  return facts;
}

bool is_word(std::string_view text) {
  return all_of(text, "_-");
}
bool is_group_text(std::string_view text) {
  return all_of(text, "_-.:");
}
bool is_cluster_name(std::string_view text) {
  return all_of(text, "-");
}

}  // namespace troupe::http

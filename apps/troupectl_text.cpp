#include "apps/troupectl_text.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe::apps {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string hex_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {hex_digits[byte >> 4U], hex_digits[byte & 15U]};
}

int value_of_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) encoded += is_unreserved(c) ? std::string(1, c) : "%" + hex_of(c);
  return encoded;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && value_of_hex(text[i + 1]) >= 0 &&
                         value_of_hex(text[i + 2]) >= 0;
    if (!escaped) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(value_of_hex(text[i + 1]) * 16 + value_of_hex(text[i + 2]));
    i += 2;
  }
  return decoded;
}

std::string base64_encode(std::string_view bytes) {
  std::string encoded;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto taken = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (k < taken ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      encoded += k <= taken ? base64_digits[bits >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return encoded;
}

std::string base64_decode(std::string_view text) {
  std::string decoded;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto digit = base64_digits.find(c);
    if (digit == std::string_view::npos) continue;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    decoded += static_cast<char>(bits >> held & 255U);
  }
  return decoded;
}

std::string printable(std::string_view bytes, std::size_t characters_max) {
  std::string line;
  std::size_t characters = 0;
  for (const char c : bytes) {
    const bool prints = c >= ' ' && c <= '~';
    const std::string shown = prints ? std::string(1, c) : "\\x" + hex_of(c);
    characters += shown.size();
    if (characters > characters_max) return line + "…";
    line += shown;
  }
  return line;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> elements;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    if (end > begin) elements.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return elements;
}

}  // namespace troupe::apps

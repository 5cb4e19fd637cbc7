// sealed_record: see the header.
#include "persistence/sealed_record.hpp"

#include <cstdint>
#include <utility>

#include "codec/checksum.hpp"
#include "persistence/big_endian.hpp"

namespace troupe::persistence {
std::string seal(std::string_view key, std::string body) {
  const std::uint64_t checksum = codec::checksum64(key, body);
  append_big_endian(body, checksum);
  return body;
}

std::optional<std::string_view> unseal(std::string_view key, std::string_view record) {
  if (record.size() < sizeof(std::uint64_t)) {
    return std::nullopt;
  }
  const auto body = record.substr(0, record.size() - sizeof(std::uint64_t));
  if (read_big_endian<std::uint64_t>(record, body.size()) != codec::checksum64(key, body)) {
    return std::nullopt;
  }
  return body;
}

std::string checksum_text(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  std::uint64_t checksum = codec::checksum64(text);
  for (int digit = 0; digit < 16; ++digit, checksum <<= 4U) {
    out.push_back(digits[checksum >> 60U]);
  }
  return out;
}

}  // namespace troupe::persistence

// unzipped: what a client makes of a push: it looks at the first two bytes.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace troupe::testing {

inline bool is_gzip(std::string_view packet) {
  return packet.starts_with("\x1f\x8b");
}

inline std::string unzipped(const std::string& packet) {
  if (!is_gzip(packet)) return packet;
  z_stream z{};
  inflateInit2(&z, 15 + 16);
  std::string out(1U << 20U, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packet.data()));
  z.avail_in = static_cast<uInt>(packet.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const auto ended = inflate(&z, Z_FINISH);
  out.resize(ended == Z_STREAM_END ? z.total_out : 0);
  inflateEnd(&z);
  return out;
}

}  // namespace troupe::testing

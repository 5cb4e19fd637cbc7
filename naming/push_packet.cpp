#include "naming/push_packet.hpp"

#include <zlib.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "naming/json_text.hpp"
#include "raft/invariant.hpp"

namespace troupe::naming {

namespace {

/// An acknowledgement is smaller; so nobody makes us parse much.
constexpr std::size_t ack_bytes_max = 1'024;
constexpr int window_bits_of_gzip = 15 + 16;
constexpr int memory_level_default = 8;

std::string gzip(std::string_view plain) {
  z_stream z{};
  const auto begun = deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits_of_gzip,
                                  memory_level_default, Z_DEFAULT_STRATEGY);
  RAFT_CHECK(begun == Z_OK, "zlib refuses its own defaults only without memory");
  std::string out(deflateBound(&z, plain.size()), '\0');
  // zlib does not write to it, but its interface is older than const.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const auto ended = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  RAFT_CHECK(ended == Z_STREAM_END, "deflateBound() is enough for all of it");
  return out;
}

}  // namespace

std::string make_push_packet(std::string_view info, std::int64_t reference) {
  std::string out = R"({"type":"dom","data":)";
  append_json(out, info);
  out += R"(,"lastRefTime":)" + std::to_string(reference) + '}';
  return out.size() <= packet_bytes_plain_max ? out : gzip(out);
}

std::optional<std::int64_t> parse_push_ack(std::string_view datagram) {
  if (datagram.size() > ack_bytes_max) return std::nullopt;
  const auto said = nlohmann::json::parse(datagram, nullptr, false);
  if (!said.is_object()) return std::nullopt;
  const auto type = said.find("type");
  const auto reference = said.find("lastRefTime");
  if (type == said.end() || *type != "push-ack" || reference == said.end()) return std::nullopt;
  if (reference->is_number_integer()) return reference->get<std::int64_t>();
  // C++ clients quote it.
  if (!reference->is_string()) return std::nullopt;
  const auto& text = reference->get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace troupe::naming

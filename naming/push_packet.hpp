// push_packet: the bytes of a push and of its acknowledgement. Knows nothing of who gets it.
// nacos-spec C.14.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::naming {

/// From so many bytes on packets are compressed; receivers look at the first two.
constexpr std::size_t packet_bytes_plain_max = 1'023;

/// `info` is the object that the list of the service shows; `reference` is what the client
/// acknowledges.
std::string make_push_packet(std::string_view info, std::int64_t reference);

/// The reference that a datagram acknowledges; nothing when it is no acknowledgement.
std::optional<std::int64_t> parse_push_ack(std::string_view datagram);

}  // namespace troupe::naming

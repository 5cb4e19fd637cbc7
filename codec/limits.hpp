// limits: how long texts and lists in hellos, requests and replies may be.
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::codec {

constexpr std::size_t cluster_bytes_max = 128;
constexpr std::size_t address_bytes_max = 256;
/// An error's text; a longer one is cut when it is encoded.
constexpr std::size_t message_bytes_max = 4096;
/// Wider than group_name_bytes_max, so that a wrong name is answered and does not close a
/// connection.
constexpr std::size_t request_group_bytes_max = 256;
/// In an encoded list of members.
constexpr std::uint32_t members_max = 1'024;
/// In one frame.
constexpr std::size_t frame_requests_max = 65'536;

}  // namespace troupe::codec

// naming_overlay_messages: what one may ask the processor of overlays, which operators lay over
// instances, and what it answers. Names point into what the caller holds, or into the bytes that
// were decoded; overlays own their texts. Knows nothing of HTTP and of whether instances exist.
// nacos-spec E.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "processors/naming_messages.hpp"
#include "processors/naming_records.hpp"

namespace troupe::processors::naming {

constexpr std::size_t tag_bytes_max = 640;  ///< "ip:port:cluster"
constexpr std::size_t patched_instances_max = 1'000;
constexpr std::size_t expired_overlays_max = 1'024;

/// "ip:port:cluster": what overlays are kept under.
std::string overlay_tag(std::string_view ip, std::uint16_t port, std::string_view cluster);

/// ADD and CHANGE put the overlay, all of it. DELETE is idempotent and does not look at `overlay`.
struct overlay_command {
  std::string_view verb;
  naming::service service;
  std::string_view tag;
  instance_overlay overlay;
  naming::stamp stamp;
  friend bool operator==(const overlay_command&, const overlay_command&) = default;
};

/// In the log: never renumber.
enum class metadata_edit : std::uint8_t {
  keep = 0,
  replace = 1,  ///< the overlay's metadata is what the patch holds
  merge = 2,    ///< what the patch holds is put over it
  remove = 3,   ///< keys that the patch holds are taken from it; what was registered stays
};

/// What an operator wants to be different about an instance. What is unset stays as it is.
struct overlay_change {
  std::optional<bool> enabled;
  std::optional<double> weight;
  metadata_edit edit = metadata_edit::keep;
  text_map metadata;  ///< what `edit` is about; of those to be removed the keys count
  friend bool operator==(const overlay_change&, const overlay_change&) = default;
};

/// The overlay after the change; where there was none, `before` is one that sets nothing.
instance_overlay changed(instance_overlay before, const overlay_change& change);

/// PATCH: the change of the overlays of several instances of a service, in one step. An overlay
/// that then sets nothing is deleted (H20).
struct patch_overlays {
  naming::service service;
  std::vector<std::string_view> tags;  ///< at most patched_instances_max
  overlay_change change;
  naming::stamp stamp;
  friend bool operator==(const patch_overlays&, const patch_overlays&) = default;
};

struct overlay_name {
  naming::service service;
  std::string_view tag;
  friend bool operator==(const overlay_name&, const overlay_name&) = default;
};

/// EXPIRE: deletes those overlays that were last written before `cutoff_ms`.
struct expire_overlays {
  std::uint64_t cutoff_ms = 0;
  std::vector<overlay_name> overlays;  ///< at most expired_overlays_max
  naming::stamp stamp;
  friend bool operator==(const expire_overlays&, const expire_overlays&) = default;
};

struct get_overlay {
  overlay_name name;
  friend bool operator==(const get_overlay&, const get_overlay&) = default;
};

/// The record in the state, on disk, and the answer to get_overlay.
struct overlay_record {
  instance_overlay overlay;
  std::uint64_t written_ms = 0;  ///< as the proposer of the last write stamped it
  friend bool operator==(const overlay_record&, const overlay_record&) = default;
};

struct overlay_reply {
  bool known = false;
  overlay_record record;
  friend bool operator==(const overlay_reply&, const overlay_reply&) = default;
};

std::string encode(const overlay_command& c);
std::string encode(const patch_overlays& c);
std::string encode(const expire_overlays& c);
std::string encode(const get_overlay& q);
std::string encode(const overlay_reply& r);
std::string encode_record(const overlay_record& r);

// Limits are checked here. Writes are answered with a write_reply whose revision is the entry.
raft::expected<overlay_command, codec::decode_error> decode_overlay_command(std::string_view bytes);
raft::expected<patch_overlays, codec::decode_error> decode_patch_overlays(std::string_view bytes);
raft::expected<expire_overlays, codec::decode_error> decode_expire_overlays(std::string_view bytes);
raft::expected<get_overlay, codec::decode_error> decode_overlay_query(std::string_view bytes);
raft::expected<overlay_reply, codec::decode_error> decode_overlay_reply(std::string_view bytes);
raft::expected<overlay_record, codec::decode_error> decode_overlay_record(std::string_view bytes);

}  // namespace troupe::processors::naming

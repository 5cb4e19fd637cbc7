// naming_settings_messages: what one may ask the processor of services' settings, and what it
// answers. Names point into what the caller holds, or into the bytes that were decoded; settings
// own their texts. Knows nothing of HTTP and of whether services exist. nacos-spec E.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "processors/naming_messages.hpp"
#include "processors/naming_records.hpp"

namespace troupe::processors::naming {

// Limits in bytes, beside those of metadata.
constexpr std::size_t clusters_per_service_max = 128;
constexpr std::size_t selector_type_bytes_max = 64;
constexpr std::size_t selector_expression_bytes_max = 8'192;
constexpr std::size_t checker_path_bytes_max = 2'048;
constexpr std::size_t checker_headers_bytes_max = 4'096;
constexpr std::size_t checker_user_bytes_max = 256;
constexpr std::size_t checker_password_bytes_max = 256;
constexpr std::size_t checker_command_bytes_max = 4'096;
constexpr std::uint32_t checker_code_max = 999;
constexpr std::size_t expired_settings_max = 1'024;

/// ADD: where there is a record, the clusters given replace those of the same name and nothing else
///   changes; else the record is made. One cluster is set by an ADD that holds it alone.
/// CHANGE: replaces threshold, selector and metadata, and keeps the clusters; else makes the
/// record. DELETE: idempotent; `settings` is not looked at.
struct settings_command {
  std::string_view verb;
  naming::service service;
  service_settings settings;
  naming::stamp stamp;
  friend bool operator==(const settings_command&, const settings_command&) = default;
};

/// EXPIRE: deletes those records that were last written before `cutoff_ms`: settings whose service
/// is gone.
struct expire_settings {
  std::uint64_t cutoff_ms = 0;
  std::vector<naming::service> services;  ///< at most expired_settings_max
  naming::stamp stamp;
  friend bool operator==(const expire_settings&, const expire_settings&) = default;
};

struct get_settings {
  naming::service service;
  friend bool operator==(const get_settings&, const get_settings&) = default;
};

/// The record in the state, on disk, and the answer to get_settings.
struct settings_record {
  service_settings settings;
  std::uint64_t written_ms = 0;  ///< as the proposer of the last write stamped it
  friend bool operator==(const settings_record&, const settings_record&) = default;
};

struct settings_reply {
  bool known = false;
  settings_record record;
  friend bool operator==(const settings_reply&, const settings_reply&) = default;
};

std::string encode(const settings_command& c);
std::string encode(const expire_settings& c);
std::string encode(const get_settings& q);
std::string encode(const settings_reply& r);
std::string encode_record(const settings_record& r);

// Limits are checked here. Writes are answered with a write_reply whose revision is the entry.
raft::expected<settings_command, codec::decode_error> decode_settings_command(
    std::string_view bytes);
raft::expected<expire_settings, codec::decode_error> decode_expire_settings(std::string_view bytes);
raft::expected<get_settings, codec::decode_error> decode_settings_query(std::string_view bytes);
raft::expected<settings_reply, codec::decode_error> decode_settings_reply(std::string_view bytes);
raft::expected<settings_record, codec::decode_error> decode_settings_record(std::string_view bytes);

}  // namespace troupe::processors::naming

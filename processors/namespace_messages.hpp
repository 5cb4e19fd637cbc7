// namespace_messages: what one may ask about Nacos namespaces (isolation units of services and
// configurations), and what is answered. Structs own no texts: those point into what the caller
// holds, or into the bytes that were decoded. Knows nothing of HTTP and of how namespaces are
// stored. nacos-spec C.10, E.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"

namespace troupe::processors::spaces {

// Limits in bytes. The HTTP interface checks Nacos's own limits, which count characters.
constexpr std::size_t id_bytes_max = 128;
constexpr std::size_t show_name_bytes_max = 1'024;
constexpr std::size_t description_bytes_max = 1'024;
constexpr std::size_t namespaces_max = 10'000;
constexpr std::uint32_t list_limit_max = 1'000;

/// Exists without being stored and can be neither added, changed nor removed.
constexpr std::string_view default_id = "public";

// Verbs are texts in the log: never change.
constexpr std::string_view verb_prefix = "NAMESPACE_";
constexpr std::string_view verb_add = "NAMESPACE_ADD";        ///< refused when the id exists
constexpr std::string_view verb_update = "NAMESPACE_UPDATE";  ///< refused when it does not
constexpr std::string_view verb_remove = "NAMESPACE_REMOVE";  ///< idempotent

struct record {
  std::string_view show_name;
  std::string_view description;
  friend bool operator==(const record&, const record&) = default;
};

struct command {
  std::string_view verb;
  std::string_view id;
  spaces::record record;  ///< empty for verb_remove
  friend bool operator==(const command&, const command&) = default;
};

struct write_reply {
  bool changed = false;  ///< false: the state was as asked for already
  friend bool operator==(const write_reply&, const write_reply&) = default;
};

// Queries begin with texts as commands do.
constexpr std::string_view query_list = "NAMESPACE_LIST";

/// Namespaces by id, those behind `after`; `limit` is 1 to list_limit_max.
struct list {
  std::string_view after;
  std::uint32_t limit = 100;
  friend bool operator==(const list&, const list&) = default;
};

struct item {
  std::string_view id;
  spaces::record record;
  friend bool operator==(const item&, const item&) = default;
};

struct list_reply {
  std::vector<item> items;
  bool more = false;  ///< ask again behind the last one
  friend bool operator==(const list_reply&, const list_reply&) = default;
};

std::string encode(const command& c);
std::string encode(const write_reply& r);
std::string encode(const list& q);
std::string encode(const list_reply& r);
/// As it stands in the state. On disk.
std::string encode_record(const record& r);

/// Limits are checked here.
raft::expected<command, codec::decode_error> decode_command(std::string_view bytes);
raft::expected<write_reply, codec::decode_error> decode_write_reply(std::string_view bytes);
raft::expected<list, codec::decode_error> decode_query(std::string_view bytes);
raft::expected<list_reply, codec::decode_error> decode_list_reply(std::string_view bytes);
raft::expected<record, codec::decode_error> decode_record(std::string_view bytes);

}  // namespace troupe::processors::spaces

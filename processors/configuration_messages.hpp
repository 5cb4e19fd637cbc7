// configuration_messages: the changes that one may ask of the configuration centre, what it answers
// to them, and what it keeps. Structs own no texts: those point into what the caller holds, or into
// the bytes that were decoded. Knows nothing of HTTP and of keys. nacos-spec C.8, E.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/decode_error.hpp"
#include "processors/stamp.hpp"
#include "raft/expected.hpp"

namespace troupe::processors::config {

// Limits in bytes. The HTTP interface checks Nacos's own limits, which count characters; these
// bound what any proposer can put into the log and hold the same on every node.
constexpr std::size_t tenant_bytes_max = 128;
constexpr std::size_t config_group_bytes_max = 128;
constexpr std::size_t data_id_bytes_max = 256;
constexpr std::size_t content_bytes_max = 10'485'760;
constexpr std::size_t md5_bytes = 32;
constexpr std::size_t type_bytes_max = 32;
constexpr std::size_t short_text_bytes_max = 512;  ///< appName, desc, use, effect, users, addresses
constexpr std::size_t schema_bytes_max = 131'072;
constexpr std::size_t tags_max = 5;
constexpr std::size_t tag_bytes_max = 256;
constexpr std::size_t encrypted_key_bytes_max = 4'096;
constexpr std::size_t ids_max = 1'000;
constexpr std::size_t removed_bytes_max = 64U << 20U;  ///< contents that one REMOVE_IDS removes
/// Rows that one HISTORY_TRIM erases; its answer says whether there are more.
constexpr std::size_t trimmed_rows_max = 1'000;

/// Which configuration. The default namespace is the empty tenant, and only that.
struct item_key {
  std::string_view tenant;
  std::string_view config_group;
  std::string_view data_id;
  friend bool operator==(const item_key&, const item_key&) = default;
};

/// What one configuration is, but for its content.
struct item {
  item_key key;
  std::uint64_t id = 0;
  std::string_view md5;
  std::uint64_t content_bytes = 0;
  std::string_view type;
  std::string_view app_name;
  std::string_view description;
  std::string_view use;
  std::string_view effect;
  std::string_view schema;
  std::vector<std::string_view> tags;
  std::string_view encrypted_key;
  std::uint64_t created_ms = 0;
  std::uint64_t modified_ms = 0;
  std::string_view created_by;
  std::string_view created_from;  ///< an address
  friend bool operator==(const item&, const item&) = default;
};

/// Who asks for a change, for the history.
struct source {
  std::string_view address;
  std::string_view user;
  friend bool operator==(const source&, const source&) = default;
};

enum class history_operation : char { insert = 'I', update = 'U', erase = 'D' };

/// One change of a configuration. Row ids rise with the log.
struct history_row {
  std::uint64_t id = 0;
  history_operation operation = history_operation::insert;
  config::source source;
  std::uint64_t stamped_ms = 0;
  config::item item;  ///< as it was before, or as it began
  friend bool operator==(const history_row&, const history_row&) = default;
};

// Verbs are texts in the log: never change.
constexpr std::string_view verb_publish = "PUBLISH";
constexpr std::string_view verb_remove = "REMOVE";          ///< idempotent
constexpr std::string_view verb_remove_ids = "REMOVE_IDS";  ///< likewise; all or none
constexpr std::string_view verb_history_trim = "HISTORY_TRIM";

struct publish {
  item_key key;
  std::string_view content;  ///< not empty
  std::string_view md5;      ///< of the content; apply computes it again and refuses another
  std::string_view type;
  std::string_view encrypted_key;
  // Unset: what stands already stays.
  std::optional<std::string_view> app_name;
  std::optional<std::string_view> description;
  std::optional<std::string_view> use;
  std::optional<std::string_view> effect;
  std::optional<std::string_view> schema;
  std::optional<std::vector<std::string_view>> tags;
  /// Set: only when this is the digest of what stands; the empty text means that nothing stands.
  std::optional<std::string_view> expected_md5;
  config::source source;
  processors::stamp stamp;
  friend bool operator==(const publish&, const publish&) = default;
};

struct remove {
  item_key key;
  config::source source;
  processors::stamp stamp;
  friend bool operator==(const remove&, const remove&) = default;
};

struct remove_ids {
  std::vector<std::uint64_t> ids;
  config::source source;
  processors::stamp stamp;
  friend bool operator==(const remove_ids&, const remove_ids&) = default;
};

/// Erases the rows stamped within [from_ms, before_ms), oldest first.
struct history_trim {
  std::uint64_t from_ms = 0;
  std::uint64_t before_ms = 0;
  friend bool operator==(const history_trim&, const history_trim&) = default;
};

using change = std::variant<publish, remove, remove_ids, history_trim>;

/// Answer to all but the trim. A digest that is not the expected one is an answer, not a refusal.
struct write_reply {
  bool done = false;          ///< false: another digest stands than the expected one
  std::uint64_t existed = 0;  ///< of the configurations meant, how many there were before
  std::string_view md5;       ///< of what stands now; empty: nothing
  friend bool operator==(const write_reply&, const write_reply&) = default;
};

struct trim_reply {
  std::uint64_t erased = 0;
  bool more = false;             ///< go on with `reached_ms` as from_ms
  std::uint64_t reached_ms = 0;  ///< older rows are gone
  friend bool operator==(const trim_reply&, const trim_reply&) = default;
};

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

std::string encode(const publish& c);
std::string encode(const remove& c);
std::string encode(const remove_ids& c);
std::string encode(const history_trim& c);
std::string encode(const write_reply& r);
std::string encode(const trim_reply& r);
/// As they stand in the state. On disk.
std::string encode_record(const item& i);
std::string encode_record(const history_row& r);

/// Limits are checked here.
decoded<change> decode_change(std::string_view bytes);
decoded<write_reply> decode_write_reply(std::string_view bytes);
decoded<trim_reply> decode_trim_reply(std::string_view bytes);
decoded<item> decode_item(std::string_view bytes);
decoded<history_row> decode_history_row(std::string_view bytes);

}  // namespace troupe::processors::config

// naming_fields: what the messages and records of all naming groups are made of, in bytes: names,
// services, maps of texts, stamps. Knows nothing of verbs, and of which message a field is in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "processors/naming_messages.hpp"
#include "processors/naming_records.hpp"
#include "processors/payload.hpp"

namespace troupe::processors::naming {

/// Of every message and record of the naming groups. In the log and on disk.
constexpr std::uint32_t format_version = 1;
constexpr std::size_t verb_bytes_max = 64;
/// Operation of a write's reply, in every naming group: see write_reply.
constexpr std::uint64_t operation_write = 1;

template <class T>
using decoded = raft::expected<T, codec::decode_error>;

/// `value`, unless something was wrong or is left over.
template <class T>
decoded<T> finished(payload_reader& r, T value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

/// Begins [version, kind, operation, fields…].
payload_writer begin(payload_kind kind, std::uint64_t operation, std::uint32_t fields);
void expect(payload_reader& r, std::uint64_t operation);

/// Begins [version, command, verb, request, stamp]; the request follows, then the stamp.
payload_writer begin_command(std::string_view verb);
void expect_verb(payload_reader& r, std::string_view verb);

/// A text without NUL bytes, which part the names in the keys of the state.
std::string_view read_name(payload_reader& r, std::string_view field, std::size_t bytes_max,
                           bool may_be_empty = false);
/// A number from `least` to `most`, and no NaN.
double read_between(payload_reader& r, std::string_view field, double least, double most);

/// Three texts, not an array of them.
void write(payload_writer& w, const service& s);
service read_service(payload_reader& r);

void write(payload_writer& w, const std::vector<service>& services);
std::vector<service> read_services(payload_reader& r, std::size_t services_max);

/// At most metadata_pairs_max pairs with metadata_bytes_max bytes.
void write(payload_writer& w, const text_map& map);
text_map read_text_map(payload_reader& r, std::string_view field);

void write(payload_writer& w, const stamp& s);
stamp read_stamp(payload_reader& r);

}  // namespace troupe::processors::naming

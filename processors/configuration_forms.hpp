// configuration_forms: parts that several messages of the configuration centre share, as fields of
// a payload. Knows nothing of whole messages.
#pragma once

#include "processors/configuration_messages.hpp"
#include "processors/configuration_part.hpp"
#include "processors/payload.hpp"

namespace troupe::processors::config {

/// Every payload of the group begins with a text: the verb, or in records what is kept.
inline payload_writer begin(payload_kind kind, std::string_view verb, std::uint32_t fields) {
  payload_writer w(configuration_format, kind, fields + 1);
  w.text(verb);
  return w;
}

inline void expect(payload_reader& r, std::string_view verb) {
  if (r.text("verb") != verb) r.fail("verb: is not " + std::string(verb));
}

template <class T>
decoded<T> finished(payload_reader& r, T value) {
  r.finish();
  if (!r.ok()) return raft::unexpected(r.error());
  return value;
}

void write(payload_writer& w, const item_key& k);
void write(payload_writer& w, const std::vector<std::string_view>& texts);
void write(payload_writer& w, const source& s);
void write(payload_writer& w, const item& i);
void write(payload_writer& w, const history_row& r);

/// A text without NUL bytes, which part the names in the keys of the state.
std::string_view read_name(payload_reader& r, std::string_view field, std::size_t bytes_max);
std::vector<std::string_view> read_texts(payload_reader& r, std::string_view field,
                                         std::size_t count_max, std::size_t bytes_max);
item_key read_key(payload_reader& r);
source read_source(payload_reader& r);
item read_item(payload_reader& r);
history_row read_history_row(payload_reader& r);

}  // namespace troupe::processors::config

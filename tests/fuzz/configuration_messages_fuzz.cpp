// Changes, queries, replies and records of the configuration centre, and the lines in which clients
// say what they believe to stand.
#include <algorithm>

#include "http/listening_configs.hpp"
#include "processors/configuration_queries.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;
using namespace troupe::processors::config;
using fuzz::configuration_form;

namespace {

/// An item takes 300 bytes and at least as many fields as bytes; vectors grow by doubling.
constexpr fuzz::memory_limit limit{256, 16'384};

template <class Decode>
void check(std::string_view bytes, Decode decode) {
  fuzz::demand_form(
      bytes, decode, [](const auto& m) { return encode(m); }, limit);
}

template <class Decode>
void check_any(std::string_view bytes, Decode decode) {
  const auto encode_any = [](const auto& m) {
    return std::visit([](const auto& one) { return encode(one); }, m);
  };
  fuzz::demand_form(bytes, decode, encode_any, limit);
}

template <class Decode>
void check_record(std::string_view bytes, Decode decode) {
  fuzz::demand_form(
      bytes, decode, [](const auto& r) { return encode_record(r); }, limit);
}

/// What is read can be a configuration: its key has three names, and a bound on each.
void check_beliefs(std::string_view bytes) {
  const auto text = http::decode_listening(bytes);
  const auto beliefs = http::read_beliefs(text);
  if (!beliefs) {
    fuzz::demand(!beliefs.error().empty(), "a refusal says why", bytes);
    return;
  }
  fuzz::demand(!beliefs->empty() && beliefs->size() <= http::config_listeners::keys_max,
               "one to keys_max lines", bytes);
  for (const auto& b : *beliefs) {
    fuzz::demand(std::count(b.key.begin(), b.key.end(), '\0') == 2, "three names", b.key);
    const auto names = http::config_names(b.key);
    fuzz::demand(!names.data_id.empty() && !names.config_group.empty(), "named in full", b.key);
    fuzz::demand(http::config_key(names) == b.key, "a key is made of its names", b.key);
  }
}

void check_form(configuration_form form, std::string_view bytes) {
  switch (form) {
    case configuration_form::change:
      return check_any(bytes, decode_change);
    case configuration_form::question:
      return check_any(bytes, decode_question);
    case configuration_form::write_reply:
      return check(bytes, decode_write_reply);
    case configuration_form::trim_reply:
      return check(bytes, decode_trim_reply);
    case configuration_form::get_reply:
      return check(bytes, decode_get_reply);
    case configuration_form::search_reply:
      return check(bytes, decode_search_reply);
    case configuration_form::list_reply:
      return check(bytes, decode_list_reply);
    case configuration_form::history_reply:
      return check(bytes, decode_history_reply);
    case configuration_form::history_row_reply:
      return check(bytes, decode_history_row_reply);
    case configuration_form::item_record:
      return check_record(bytes, decode_item);
    case configuration_form::history_record:
      return check_record(bytes, decode_history_row);
    default:
      return check_beliefs(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<configuration_form>(fuzz::view_of(data, size));
  check_form(form, rest);
  return 0;
}

// Commands, queries, replies and records of the naming groups beside those of instances.
#include <algorithm>

#include "processors/naming_overlay_messages.hpp"
#include "processors/naming_service_messages.hpp"
#include "processors/naming_settings_messages.hpp"
#include "processors/naming_switch_messages.hpp"
#include "processors/switch_values.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;
using namespace troupe::processors::naming;
using fuzz::naming_form;

namespace {

/// A field takes 48 bytes, a pair of metadata another 100; vectors grow by doubling.
constexpr fuzz::memory_limit limit{256, 16'384};

template <class Decode>
void check(std::string_view bytes, Decode decode) {
  fuzz::demand_form(
      bytes, decode, [](const auto& m) { return encode(m); }, limit);
}

template <class Decode>
void check_record(std::string_view bytes, Decode decode) {
  fuzz::demand_form(
      bytes, decode, [](const auto& r) { return encode_record(r); }, limit);
}

/// "entry=value": what is refused leaves everything as it was, what is accepted can be set again.
void check_switch(std::string_view bytes) {
  const auto at = std::min(bytes.find('='), bytes.size());
  const auto entry = bytes.substr(0, at);
  const auto value = bytes.substr(std::min(at + 1, bytes.size()));
  switches s;
  if (!set_switch(s, entry, value)) {
    fuzz::demand(s == switches{}, "a refused value changes nothing", bytes);
    return;
  }
  auto again = s;
  fuzz::demand(static_cast<bool>(set_switch(again, entry, value)), "accepted once, accepted twice",
               bytes);
  fuzz::demand(again == s, "the same value sets the same", bytes);
  fuzz::demand(switch_field(entry, value).rfind(entry, 0) == 0, "a field begins with its entry",
               bytes);
}

void check_form(naming_form form, std::string_view bytes) {
  switch (form) {
    case naming_form::service_command:
      return check(bytes, decode_service_command);
    case naming_form::expire_services:
      return check(bytes, decode_expire_services);
    case naming_form::change_health:
      return check(bytes, decode_change_health);
    case naming_form::settings_command:
      return check(bytes, decode_settings_command);
    case naming_form::expire_settings:
      return check(bytes, decode_expire_settings);
    case naming_form::settings_query:
      return check(bytes, decode_settings_query);
    case naming_form::settings_reply:
      return check(bytes, decode_settings_reply);
    case naming_form::settings_record:
      return check_record(bytes, decode_settings_record);
    case naming_form::overlay_command:
      return check(bytes, decode_overlay_command);
    case naming_form::patch_overlays:
      return check(bytes, decode_patch_overlays);
    case naming_form::expire_overlays:
      return check(bytes, decode_expire_overlays);
    case naming_form::overlay_query:
      return check(bytes, decode_overlay_query);
    case naming_form::overlay_reply:
      return check(bytes, decode_overlay_reply);
    case naming_form::overlay_record:
      return check_record(bytes, decode_overlay_record);
    case naming_form::write_switch:
      return check(bytes, decode_write_switch);
    case naming_form::switches_reply:
      return check(bytes, decode_switches_reply);
    default:
      return check_switch(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<naming_form>(fuzz::view_of(data, size));
  check_form(form, rest);
  return 0;
}

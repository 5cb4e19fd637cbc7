// forms: what the first byte of an input selects in those harnesses that read more than one form.
// In the corpus: append, do not renumber.
#pragma once

#include <cstdint>

namespace troupe::fuzz {

enum class hello_form : std::uint8_t { hello, reply, count };

enum class entry_form : std::uint8_t { entry, configuration, session, count };

enum class request_form : std::uint8_t { requests, replies, members, count };

enum class membership_form : std::uint8_t { book, change, roster, count };

enum class snapshot_form : std::uint8_t { part, manifest, manifest_body, count };

enum class state_record_form : std::uint8_t {
  applied_point,
  applied_configuration,
  generation,
  count,
};

enum class log_form : std::uint8_t { frame, segment, count };

enum class processor_form : std::uint8_t {
  kv_command,
  kv_query,
  kv_write_reply,
  kv_get_reply,
  kv_list_reply,
  naming_command,
  naming_query,
  naming_write_reply,
  naming_instances_reply,
  naming_services_reply,
  naming_record,
  strings_command,
  strings_query,
  strings_write_reply,
  strings_range_reply,
  count,
};

enum class naming_form : std::uint8_t {
  service_command,
  expire_services,
  change_health,
  settings_command,
  expire_settings,
  settings_query,
  settings_reply,
  settings_record,
  overlay_command,
  patch_overlays,
  expire_overlays,
  overlay_query,
  overlay_reply,
  overlay_record,
  write_switch,
  switches_reply,
  switch_value,
  count,
};

enum class configuration_form : std::uint8_t {
  change,
  question,
  write_reply,
  trim_reply,
  get_reply,
  search_reply,
  list_reply,
  history_reply,
  history_row_reply,
  item_record,
  history_record,
  beliefs,
  count,
};

enum class access_form : std::uint8_t {
  account_command,
  account_query,
  account_write_reply,
  users_reply,
  user_record,
  namespace_command,
  namespace_query,
  namespace_write_reply,
  namespaces_reply,
  namespace_record,
  server_command,
  server_record,
  count,
};

}  // namespace troupe::fuzz

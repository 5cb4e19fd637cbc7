// Commands, queries and replies of the built-in processors.
#include "processors/key_value_messages.hpp"
#include "processors/naming_messages.hpp"
#include "processors/string_list_messages.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;
using fuzz::processor_form;
namespace kv = processors::kv;
namespace naming = processors::naming;
namespace strings = processors::strings;

namespace {

/// A field takes 48 bytes, an instance 144; vectors grow by doubling.
constexpr fuzz::memory_limit limit{256, 16'384};

template <class Decode, class Encode>
void check(std::string_view bytes, Decode decode, Encode encode) {
  fuzz::demand_form(bytes, decode, encode, limit);
}

void check_kv(processor_form form, std::string_view bytes) {
  const auto encode = [](const auto& m) { return kv::encode(m); };
  const auto encode_any = [](const auto& m) {
    return std::visit([](const auto& one) { return kv::encode(one); }, m);
  };
  switch (form) {
    case processor_form::kv_command:
      return check(bytes, kv::decode_command, encode_any);
    case processor_form::kv_query:
      return check(bytes, kv::decode_query, encode_any);
    case processor_form::kv_write_reply:
      return check(bytes, kv::decode_write_reply, encode);
    case processor_form::kv_get_reply:
      return check(bytes, kv::decode_get_reply, encode);
    default:
      return check(bytes, kv::decode_list_reply, encode);
  }
}

void check_naming(processor_form form, std::string_view bytes) {
  const auto encode = [](const auto& m) { return naming::encode(m); };
  switch (form) {
    case processor_form::naming_command:
      if (const auto verb = naming::decode_verb(bytes); !verb) {
        fuzz::demand(!naming::decode_command(bytes), "a command has a verb");
      }
      return check(bytes, naming::decode_command, encode);
    case processor_form::naming_query:
      return check(bytes, naming::decode_query, [](const naming::query& q) {
        return std::visit([](const auto& one) { return naming::encode(one); }, q);
      });
    case processor_form::naming_write_reply:
      return check(bytes, naming::decode_write_reply, encode);
    case processor_form::naming_instances_reply:
      return check(bytes, naming::decode_instances_reply, encode);
    case processor_form::naming_services_reply:
      return check(bytes, naming::decode_services_reply, encode);
    default:
      return check(bytes, naming::decode_record, naming::encode_record);
  }
}

void check_strings(processor_form form, std::string_view bytes) {
  const auto encode = [](const auto& m) { return strings::encode(m); };
  const auto encode_any = [](const auto& m) {
    return std::visit([](const auto& one) { return strings::encode(one); }, m);
  };
  switch (form) {
    case processor_form::strings_command:
      return check(bytes, strings::decode_command, encode_any);
    case processor_form::strings_query:
      return check(bytes, strings::decode_query, encode_any);
    case processor_form::strings_write_reply:
      return check(bytes, strings::decode_write_reply, encode);
    default:
      return check(bytes, strings::decode_range_reply, encode);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<processor_form>(fuzz::view_of(data, size));
  if (form < processor_form::naming_command) {
    check_kv(form, rest);
  } else if (form < processor_form::strings_command) {
    check_naming(form, rest);
  } else {
    check_strings(form, rest);
  }
  return 0;
}

// Commands, queries, replies and records of accounts, namespaces and servers.
#include "processors/account_messages.hpp"
#include "processors/namespace_messages.hpp"
#include "processors/server_messages.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;
using fuzz::access_form;
namespace auth = processors::auth;
namespace servers = processors::servers;
namespace spaces = processors::spaces;

namespace {

/// A field takes 48 bytes, a user of a list 40; vectors grow by doubling.
constexpr fuzz::memory_limit limit{256, 16'384};

template <class Decode, class Encode>
void check(std::string_view bytes, Decode decode, Encode encode) {
  fuzz::demand_form(bytes, decode, encode, limit);
}

void check_account(access_form form, std::string_view bytes) {
  const auto encode = [](const auto& m) { return auth::encode(m); };
  switch (form) {
    case access_form::account_command:
      return check(bytes, auth::decode_command, encode);
    case access_form::account_query:
      return check(bytes, auth::decode_query, encode);
    case access_form::account_write_reply:
      return check(bytes, auth::decode_write_reply, encode);
    case access_form::users_reply:
      return check(bytes, auth::decode_users_reply, encode);
    default:
      return check(bytes, auth::decode_record, auth::encode_record);
  }
}

void check_namespace(access_form form, std::string_view bytes) {
  const auto encode = [](const auto& m) { return spaces::encode(m); };
  switch (form) {
    case access_form::namespace_command:
      return check(bytes, spaces::decode_command, encode);
    case access_form::namespace_query:
      return check(bytes, spaces::decode_query, encode);
    case access_form::namespace_write_reply:
      return check(bytes, spaces::decode_write_reply, encode);
    case access_form::namespaces_reply:
      return check(bytes, spaces::decode_list_reply, encode);
    default:
      return check(bytes, spaces::decode_record, spaces::encode_record);
  }
}

void check_form(access_form form, std::string_view bytes) {
  if (form == access_form::server_command) {
    return check(bytes, servers::decode_command,
                 [](const servers::announcement& a) { return servers::encode(a); });
  }
  if (form == access_form::server_record) {
    return check(bytes, servers::decode_record, servers::encode_record);
  }
  form < access_form::namespace_command ? check_account(form, bytes) : check_namespace(form, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<access_form>(fuzz::view_of(data, size));
  check_form(form, rest);
  return 0;
}

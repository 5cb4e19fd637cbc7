// What clients ask of a node, its replies, and the list of members in one of them.
#include "codec/request_codec.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<fuzz::request_form>(fuzz::view_of(data, size));
  switch (form) {
    case fuzz::request_form::requests:
      fuzz::demand_form(
          rest, [](std::string_view body) { return codec::decode_requests(fuzz::borrowed(body)); },
          [](const std::vector<codec::request>& all) {
            std::string out;
            for (const auto& r : all) codec::append_request(r, out);
            return out;
          });
      break;
    case fuzz::request_form::replies:
      fuzz::demand_form(
          rest, [](std::string_view body) { return codec::decode_replies(fuzz::borrowed(body)); },
          [](const std::vector<codec::request_reply>& all) {
            std::string out;
            for (const auto& r : all) codec::append_reply(r, out);
            return out;
          });
      break;
    default:
      fuzz::demand_form(rest, codec::decode_members, codec::encode_members);
  }
  return 0;
}

// Address books, rosters, and what an operator asks to change.
#include "codec/membership.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<fuzz::membership_form>(fuzz::view_of(data, size));
  switch (form) {
    case fuzz::membership_form::book:
      fuzz::demand_form(rest, codec::decode_book, codec::encode_book);
      break;
    case fuzz::membership_form::change:
      fuzz::demand_form(rest, codec::decode_change, codec::encode_change);
      break;
    default:
      fuzz::demand_form(rest, codec::decode_roster, codec::encode_roster);
  }
  return 0;
}

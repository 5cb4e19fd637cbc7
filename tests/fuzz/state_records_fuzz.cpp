// The state store's own records. The first byte selects the record; its highest bit says that the
// bytes are a record as it is, else they get their seal here.
#include "persistence/sealed_record.hpp"
#include "persistence/state_records.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;
using namespace troupe::persistence;

namespace {

constexpr std::uint8_t sealed_already = 0x80;
constexpr std::string_view key = "a key of 17 bytes";
constexpr std::string_view other_key = "a key of 17 Bytes";

template <class Decode, class Encode>
void check(std::string_view record, Decode decode, Encode encode) {
  const bool accepted = fuzz::demand_survival(
      record, [=](std::string_view r) { return decode(key, r); },
      [=](const auto& value) { return encode(key, value); }, [](const auto&) {});
  if (accepted) fuzz::demand(!decode(other_key, record), "a record belongs to its key");
}

void check(fuzz::state_record_form form, std::string_view record) {
  switch (form) {
    case fuzz::state_record_form::applied_point:
      return check(record, decode_applied_point, encode_applied_point);
    case fuzz::state_record_form::applied_configuration:
      return check(record, decode_applied_configuration, encode_applied_configuration);
    default:
      return check(record, decode_generation, encode_generation);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto rest = fuzz::view_of(data + 1, size - 1);
  const auto count = static_cast<unsigned>(fuzz::state_record_form::count);
  const auto form = static_cast<fuzz::state_record_form>((*data & ~sealed_already) % count);
  if ((*data & sealed_already) != 0) {
    check(form, rest);
  } else {
    check(form, seal(key, std::string(rest)));
  }
  return 0;
}

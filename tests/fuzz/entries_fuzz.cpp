// Entries of the log, as on disk and on the wire, their configurations, and what stands in front of
// a command that is sent in a session.
#include "codec/raft_codec.hpp"
#include "codec/session_codec.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"
#include "tests/fuzz/mending.hpp"

using namespace troupe;

namespace {

raft::expected<raft::entry, codec::decode_error> decode_entry(std::string_view record) {
  auto e = codec::decode_entry(fuzz::borrowed(record));
  if (!e) return raft::unexpected(e.error());
  fuzz::demand((*e)->checksum == codec::checksum_of(**e), "an entry has the checksum it says");
  return **e;
}

bool is_same(const codec::session_command& a, const codec::session_command& b) {
  return a.header == b.header && a.command == b.command;
}

void check_session(std::string_view data) {
  const auto first = codec::decode_session(fuzz::borrowed(data));
  if (!first) return fuzz::demand_named(first.error().what);
  const auto encoded = codec::encode_session(first->header, first->command.view());
  fuzz::demand(encoded == data, "a session's command is encoded as it came");
  constexpr std::uint64_t later_ms = 1'700'000'000'000;
  auto wanted = *first;
  wanted.header.stamp_ms = later_ms;
  const auto stamped = codec::decode_session(codec::stamped(fuzz::borrowed(data), later_ms));
  fuzz::demand(stamped && is_same(*stamped, wanted), "a stamp changes nothing else");
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
  return fuzz::mutate_and_mend(data, size, size_max, seed, 1, [data](std::string_view rest) {
    const auto form = fuzz::split_form<fuzz::entry_form>(fuzz::view_of(data, 1)).form;
    return form == fuzz::entry_form::entry ? fuzz::with_entry_checksums(rest) : std::string(rest);
  });
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<fuzz::entry_form>(fuzz::view_of(data, size));
  switch (form) {
    case fuzz::entry_form::entry:
      fuzz::demand_form(rest, decode_entry, codec::encode_entry);
      break;
    case fuzz::entry_form::configuration:
      fuzz::demand_form(rest, codec::decode_configuration, codec::encode_configuration);
      break;
    default:
      check_session(rest);
  }
  return 0;
}

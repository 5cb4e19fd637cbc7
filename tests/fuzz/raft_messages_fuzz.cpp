// The messages between members of groups, as one frame holds them.
#include "codec/raft_codec.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/mending.hpp"

using namespace troupe;

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
  return fuzz::mutate_and_mend(data, size, size_max, seed, 0, fuzz::with_entry_checksums);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::demand_form(
      fuzz::view_of(data, size),
      [](std::string_view body) { return codec::decode_messages(fuzz::borrowed(body)); },
      [](const std::vector<codec::group_message>& all) {
        std::string out;
        for (const auto& m : all) codec::append_message(m.group, m.message, out);
        return out;
      });
  return 0;
}

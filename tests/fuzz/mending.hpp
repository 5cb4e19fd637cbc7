// mending: puts the right checksums into mutated bytes, so that the search comes past the first
// check. A mutation hits a 64-bit checksum by chance never.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The mutators that libFuzzer would use by itself.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace troupe::fuzz {

/// Each entry that is found in a run of msgpack objects gets its checksum; numbers come out in
/// their shortest form. Bytes that are no such run come back as they are.
std::string with_entry_checksums(std::string_view bytes);

/// Each complete frame gets its checksum, up to the first header that is none.
std::string with_frame_checksums(std::string_view bytes);

/// Mutates as libFuzzer does; mostly, but not always, mends the result behind `kept` bytes.
template <class Mend>
std::size_t mutate_and_mend(std::uint8_t* data, std::size_t size, std::size_t size_max,
                            unsigned seed, std::size_t kept, Mend mend) {
  constexpr unsigned one_unmended_in = 8;
  size = LLVMFuzzerMutate(data, size, size_max);
  if (seed % one_unmended_in == 0 || size <= kept) return size;
  const std::string mended =
      mend(std::string_view(reinterpret_cast<const char*>(data) + kept, size - kept));
  if (kept + mended.size() > size_max) return size;
  mended.copy(reinterpret_cast<char*>(data) + kept, mended.size());
  return kept + mended.size();
}

}  // namespace troupe::fuzz

// demands: what every harness asks of a decoder beside that it neither crashes nor throws. A demand
// that is not met ends the process, and with it the search: the input is kept by the fuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "raft/bytes.hpp"
#include "tests/fuzz/memory_meter.hpp"

namespace troupe::fuzz {

/// Prints the claim that was broken, and what broke it, and aborts.
[[noreturn]] void broken(std::string_view claim, std::string_view detail);

inline void demand(bool holds, std::string_view claim, std::string_view detail = {}) {
  if (!holds) broken(claim, detail);
}

/// "field: why it is refused".
void demand_named(std::string_view refusal);

inline std::string_view view_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Without a copy, so that a read beyond the end is noticed. Valid as long as `view`.
inline raft::bytes borrowed(std::string_view view) {
  return view.empty() ? raft::bytes() : raft::bytes(nullptr, view);
}

/// The first byte of an input says which of the harness's forms the rest is to be read as.
template <class Form>
struct form_and_rest {
  Form form;
  std::string_view rest;
};

template <class Form>
form_and_rest<Form> split_form(std::string_view input) {
  const auto first = static_cast<unsigned char>(input.front());
  return {static_cast<Form>(first % static_cast<unsigned>(Form::count)), input.substr(1)};
}

/// Decodes within the limit on memory, then demands of what was accepted that it is equal after it
/// was encoded and decoded again. True when it was accepted; what it refuses goes to `refused`.
template <class Decode, class Encode, class Refused>
bool demand_survival(std::string_view bytes, Decode decode, Encode encode, Refused refused,
                     memory_limit limit = {}) {
  const auto first = [&] {
    const memory_meter meter(limit, bytes.size());
    return decode(bytes);
  }();
  if (!first) {
    refused(first);
    return false;
  }
  const std::string encoded = encode(*first);
  const auto second = decode(std::string_view(encoded));
  demand(static_cast<bool>(second), "what was encoded can be decoded", encoded);
  demand(*second == *first, "what was decoded is equal after another round", encoded);
  demand(encode(*second) == encoded, "equal values have equal bytes", encoded);
  return true;
}

/// Of a decoder that says why it refuses.
template <class Decode, class Encode>
bool demand_form(std::string_view bytes, Decode decode, Encode encode, memory_limit limit = {}) {
  return demand_survival(
      bytes, decode, encode, [](const auto& result) { demand_named(result.error().what); }, limit);
}

}  // namespace troupe::fuzz

// How the two ends of a connection introduce themselves.
#include "codec/hello.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<fuzz::hello_form>(fuzz::view_of(data, size));
  const auto encode = [](const auto& h) { return codec::encode(h); };
  if (form == fuzz::hello_form::hello) {
    fuzz::demand_form(rest, codec::decode_hello, encode);
  } else {
    fuzz::demand_form(rest, codec::decode_hello_reply, encode);
  }
  return 0;
}

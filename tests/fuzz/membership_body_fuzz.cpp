// The JSON that asks over HTTP for other members of a group.
#include "http/membership_body.hpp"
#include "tests/fuzz/demands.hpp"

using namespace troupe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = fuzz::view_of(data, size);
  const auto wanted = [&] {
    // A value of two bytes takes sixteen, and a list or object a block of its own.
    const fuzz::memory_meter meter({256, 32'768}, size);
    return http::read_membership(body);
  }();
  if (!wanted) {
    constexpr std::size_t refusal_bytes_max = 512;
    fuzz::demand_named(wanted.error());
    fuzz::demand(wanted.error().size() <= refusal_bytes_max, "a refusal is short", wanted.error());
    return 0;
  }
  const auto again = codec::decode_change(codec::encode_change(*wanted));
  fuzz::demand(again.has_value(), "what HTTP accepts can be sent to the leader",
               again ? "" : again.error().what);
  fuzz::demand(*again == *wanted, "what is sent to the leader is what was asked for");
  return 0;
}

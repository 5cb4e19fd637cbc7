#include "processors/recent_requests.hpp"

#include "processors/fixed_width.hpp"

namespace troupe::processors {

namespace {

constexpr std::string_view count_key = "rn";
constexpr std::string_view answer_prefix = "rq";

std::string slot_key(std::uint64_t slot) {
  std::string out("rs");
  append_fixed(out, slot);
  return out;
}

std::string id_of(const stamp& request) {
  std::string out;
  append_fixed(out, request.node.value());
  append_fixed(out, request.request_id);
  return out;
}

std::string answer_key(std::string_view id) {
  return std::string(answer_prefix).append(id);
}

}  // namespace

std::optional<std::string> recent_requests::answer(const persistence::state_view& view,
                                                   const stamp& request) const {
  return view.get(answer_key(id_of(request)));
}

void recent_requests::remember(persistence::state_batch& batch, const stamp& request,
                               std::string_view answer) const {
  const auto stored = batch.get(count_key);
  const auto count = stored && stored->size() == fixed_bytes ? read_fixed(*stored) : 0;
  const auto slot = slot_key(count % kept_);
  if (const auto displaced = batch.get(slot)) batch.erase(answer_key(*displaced));
  const auto id = id_of(request);
  batch.put(slot, id);
  batch.put(answer_key(id), answer);
  std::string next;
  append_fixed(next, count + 1);
  batch.put(count_key, next);
}

}  // namespace troupe::processors

#include "naming/beat_times.hpp"

#include <charconv>
#include <optional>

namespace troupe::naming {

namespace {

std::optional<std::uint64_t> number_at(const processors::naming::text_map& metadata,
                                       const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return std::nullopt;
  const auto& text = found->second;
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Clients read them as signed numbers of 64 bits.
  if (failure != std::errc{} || end != text.data() + text.size() || value > INT64_MAX) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

beat_times beat_times::of(const processors::naming::text_map& metadata) {
  beat_times out;
  if (metadata.empty()) return out;
  const auto interval = number_at(metadata, "preserved.heart.beat.interval");
  out.own_interval = interval.has_value();
  out.interval_ms = interval.value_or(out.interval_ms);
  out.unhealthy_after_ms =
      number_at(metadata, "preserved.heart.beat.timeout").value_or(out.unhealthy_after_ms);
  out.removed_after_ms =
      number_at(metadata, "preserved.ip.delete.timeout").value_or(out.removed_after_ms);
  return out;
}

}  // namespace troupe::naming

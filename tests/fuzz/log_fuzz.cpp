// What the log's recovery reads: the records of one frame, which get their seal here, or a whole
// segment as it is. What is replayed must agree with itself, and a frame that comes twice says no
// more than once.
#include <map>

#include "persistence/log_frames.hpp"
#include "persistence/log_records.hpp"
#include "persistence/log_replay.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;
using namespace troupe::persistence;

namespace {

using logs = std::map<raft::group_id, group_log>;

void demand_agreement(const group_log& log) {
  std::uint64_t bytes = 0;
  auto term = raft::term{};
  auto index = log.point.index;
  for (std::size_t i = 0; i < log.places.size(); ++i) {
    index = next(index);
    fuzz::demand(log.holds(index), "every entry has a place");
    fuzz::demand(log.term_at(index) >= term, "terms do not fall");
    term = log.term_at(index);
    bytes += log.places[i].bytes + entry_prefix_bytes;
  }
  fuzz::demand(index == log.last(), "the log ends behind its last entry");
  fuzz::demand(bytes == log.entry_bytes, "the bytes of a log are those of its entries");
  fuzz::demand(log.hard.term >= term, "the hard state is as new as the last entry");
  for (const auto& [at, peers] : log.configurations) {
    fuzz::demand(log.holds(at), "a configuration stands in the log");
    fuzz::demand(log.configuration_at(at) == peers, "it is in force where it stands");
  }
}

/// Nothing when the records are refused.
std::optional<logs> replayed(std::string_view body, int times) {
  const fuzz::memory_meter meter({}, body.size());
  log_replay replay;
  for (int i = 0; i < times; ++i) {
    if (!replay.add(1, segment_header_bytes + frame_header_bytes, body).ok()) return std::nullopt;
  }
  logs found;
  if (!replay.finish(found).ok()) return std::nullopt;
  return found;
}

void check_frame(std::string_view body) {
  const auto once = replayed(body, 1);
  const auto twice = replayed(body, 2);
  fuzz::demand(once.has_value() == twice.has_value(), "a frame may come twice");
  if (!once) return;
  for (const auto& [id, log] : *once) {
    demand_agreement(log);
    const auto& again = twice->at(id);
    fuzz::demand(again.last() == log.last() && again.point == log.point && again.hard == log.hard &&
                     again.term_starts == log.term_starts && again.entry_bytes == log.entry_bytes,
                 "the second time it says the same");
  }
}

void check_segment(std::string_view segment) {
  const auto header = decode_segment_header(segment).header;
  if (header) {
    fuzz::demand(segment.starts_with(encode_segment_header(*header)), "a header reads as written");
  }
  for (std::size_t at = segment_header_bytes;;) {
    const auto frame = read_frame(segment, at);
    if (!frame) break;
    std::string again;
    begin_frame(again);
    again += frame->body;
    seal_frame(frame->number, again);
    fuzz::demand(segment.substr(at).starts_with(again), "a frame reads as written");
    check_frame(frame->body);
    at = frame->end();
  }
  if (const auto found = find_frame(segment, 0, 0)) {
    fuzz::demand(found->end() <= segment.size(), "a frame lies within its segment");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto rest = fuzz::view_of(data + 1, size - 1);
  if (static_cast<fuzz::log_form>(*data % static_cast<unsigned>(fuzz::log_form::count)) ==
      fuzz::log_form::frame) {
    check_frame(rest);
  } else {
    check_segment(rest);
  }
  return 0;
}

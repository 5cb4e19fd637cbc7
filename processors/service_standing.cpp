#include "processors/service_standing.hpp"

#include <algorithm>

namespace troupe::processors {

service_standing look_up(const persistence::state_view& view, const naming::service& s) {
  const auto stored = view.get(naming::service_key(s));
  if (!stored) return {};
  const auto record = naming::decode_service_record(*stored);
  if (!record) return {true, false, {}};
  return {true, true, *record};
}

std::uint64_t next_mark(persistence::state_batch& batch, std::uint64_t proposer_ms) {
  const auto mark = std::max(proposer_ms, naming::read_high_mark(batch) + 1);
  naming::write_high_mark(batch, mark);
  return mark;
}

void touch(persistence::state_batch& batch, const naming::service& s, const naming::stamp& stamp,
           raft::log_index index, naming::service_record& record) {
  record.changed_ms = next_mark(batch, stamp.proposer_ms);
  record.revision = index;
  batch.put(naming::service_key(s), naming::encode_record(record));
}

reply operation_failed(const std::string& detail) {
  return reply::refused("Persistent client operation failed. " + detail);
}

reply malformed_state() {
  return operation_failed("a stored record has an unknown form");
}

reply written(bool changed, raft::log_index revision) {
  return reply::ok(naming::encode(naming::write_reply{changed, revision}));
}

}  // namespace troupe::processors

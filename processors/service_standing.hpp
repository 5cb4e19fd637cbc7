// service_standing: what the rules of persistent instances share: what stands about a service, its
// stamps, and the answers to writes. Knows nothing of verbs.
#pragma once

#include <cstdint>
#include <string>

#include "groups/processor.hpp"
#include "processors/naming_state.hpp"

namespace troupe::processors {

/// `well_formed` is false when the record cannot be read.
struct service_standing {
  bool known = false;
  bool well_formed = true;
  naming::service_record record;
};

service_standing look_up(const persistence::state_view& view, const naming::service& s);

/// A stamp above every earlier one of the group, so that what clients compare rises even when
/// proposers' clocks disagree, or a service went and came back.
std::uint64_t next_mark(persistence::state_batch& batch, std::uint64_t proposer_ms);

/// Stamps the record as changed by this entry and puts it.
void touch(persistence::state_batch& batch, const naming::service& s, const naming::stamp& stamp,
           raft::log_index index, naming::service_record& record);

/// nacos-spec E.1.2: what a command that cannot be carried out is answered with.
reply operation_failed(const std::string& detail);
reply malformed_state();
reply written(bool changed, raft::log_index revision);

}  // namespace troupe::processors

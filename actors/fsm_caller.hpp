// fsm_caller: delivers committed entries to the processor, in order and in batches, and answers the
// proposals and queries that waited for them. Knows nothing of terms beyond "is this the entry that
// was proposed", and nothing of what commands mean.
//
//   accepts  expect_applied   proposals that this node appended
//            committed        entries to apply, consecutive
//            serve_queries    queries to pass on once an index is applied
//            leadership       passed on to the processor
//            woken            from the ticker
//   sends    apply_batch (one at a time), query_job, leadership to the processor
//            applied to the member
//   blocks   no; a processor that is slow or whose store stalls delays only this member
//   bound    committed: the core's unapplied_bytes_max; proposals and queries: the group's
//            admission limit; each has a deadline
//   fails    a store that fails stops the node through fatal_handler
#pragma once

#include <memory>

#include "actors/fatal.hpp"
#include "actors/messages.hpp"

namespace troupe::actors {

/// Where the newest address book stands among the group's own records.
inline constexpr std::string_view address_book_key = "book";

struct fsm_caller_options {
  member_actor member;
  processor_actor processor;
  ticker_actor ticker;
  std::shared_ptr<persistence::group_state> data;
  fatal_handler fatal;
  std::size_t batch_entries_max = 4096;
  std::uint64_t batch_bytes_max = 1U << 20U;
};

fsm_caller_actor spawn_fsm_caller(caf::actor_system& system, fsm_caller_options options);

}  // namespace troupe::actors

// processor_host: the actor around a processor class: applies batches in one RocksDB write that
// also holds the applied index, answers queries. Knows nothing of Raft beyond index and term of a
// command.
//
//   accepts  apply_batch   answered with apply_done once committed to the state store
//            query_job     each query answered through its promise, here or in the query pool
//            leadership    turned into the processor's hooks
//                          (for 5 ms at most, then the rest of them comes from itself)
//            flush         from itself: lets go of the view that queries share, and tries again
//                          after the store asked writers to wait
//   sends    pooled_query to a worker of the query pool
//   blocks   no, unless the processor says that it may: then it is detached
//   bound    one apply_batch at a time (the FSM caller sees to it)
#pragma once

#include <memory>

#include "groups/messages.hpp"
#include "groups/query_pool.hpp"

namespace troupe::groups {

/// Makes the host of `p`, again after each restart; the processor object itself stays.
processor_maker host_maker(std::shared_ptr<processor> p, std::shared_ptr<query_pool> pool);

}  // namespace troupe::groups

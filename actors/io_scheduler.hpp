// io_scheduler: actors run on the threads that serve the sockets. A message that a frame brought is
// then handled by the thread that read it, and the answer is written by the same: what would be a
// wake-up of another thread (decision 0011 has the measurements) is a call. Knows nothing of what
// the actors do.
//
// One queue, first come first served, as CAF's policy 'sharing' has it. A thread that serves actors
// looks at its sockets after every few of them, so neither starves the other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>

namespace caf {
class actor_system_config;
}  // namespace caf

namespace troupe::actors {

/// `wanted`; for 0 half of the machine's cores: the other half has work with the kernel, the log
/// writer and the stores' own threads.
std::size_t threads_or_default(std::size_t wanted);

/// Makes a system of this configuration run its scheduled actors on `io`, whose run() `threads`
/// threads call. The context must run until the last actor has ended; it must outlive the system.
void run_on(caf::actor_system_config& config, boost::asio::io_context& io, std::size_t threads);

/// Lives within a handler of an io_context. Actors that are woken meanwhile, and would have run
/// from a handler of their own, run at its end: a pass through the io_context and its sockets less.
class serves_woken {
 public:
  serves_woken();
  serves_woken(const serves_woken&) = delete;
  serves_woken& operator=(const serves_woken&) = delete;
  ~serves_woken();
};

}  // namespace troupe::actors

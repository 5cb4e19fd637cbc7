// socket_prober: probes over real sockets, by what the checker of a target says: TCP, HTTP or
// MySQL; hosts may be names. Knows nothing of instances and of who asks.
//
// TCP and HTTP run on the node's I/O threads, MySQL's library and resolvers on a few threads of
// their own. Bounds: as many probes as are asked for (the health checker's limit);
// mysql_jobs_max of them over MySQL and as many names as naming/name_lookup.hpp allows, beyond
// which a probe is inconclusive.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "naming/blocking_work.hpp"
#include "naming/name_lookup.hpp"
#include "naming/probe_sockets.hpp"
#include "naming/prober.hpp"

namespace troupe::naming {

struct socket_prober_options {
  probe_limits tcp;
  probe_limits http;
  probe_limits mysql{std::chrono::milliseconds{500}, std::chrono::milliseconds{3'000}};
  std::chrono::milliseconds lookup{2'000};  ///< of a name that is not known yet
  std::size_t mysql_threads = 16;
  std::size_t mysql_jobs_max = 64;
  name_lookup_options names;
};

class socket_prober final : public prober {
 public:
  socket_prober(boost::asio::io_context& io, socket_prober_options options);
  /// Waits for what its own threads are doing.
  ~socket_prober() override;

  void probe(const probe_target& target, std::function<void(probe_outcome)> done) override;

 private:
  class route;
  std::shared_ptr<route> route_;
  std::unique_ptr<name_lookup> names_;
};

}  // namespace troupe::naming

#include <memory>
#include <utility>

#include "naming/connection_probe.hpp"

namespace troupe::naming {

namespace {

/// C.13.2: a connection is enough, and is kept open for no time.
class tcp_probe final : public connection_probe {
 public:
  using connection_probe::connection_probe;

 private:
  void connected() override { finish({probe_verdict::success, {}, {}}); }
};

}  // namespace

void probe_tcp(boost::asio::io_context& io, const probe_endpoints& to, const probe_limits& limits,
               probe_done done) {
  std::make_shared<tcp_probe>(io, limits, std::move(done))->start(to);
}

}  // namespace troupe::naming

// name_lookup: addresses of hosts that are registered by name, remembered for a few seconds. Knows
// nothing of what they are wanted for.
//
// Resolvers block, so a few threads of its own ask them; a node's links must not wait behind a name
// that nobody serves. From any thread. Bounds: names_max names; jobs_max of them being asked for,
// beyond that what was known last is answered, else that it cannot be told now.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "naming/blocking_work.hpp"

namespace troupe::naming {

/// Where a host is, or why that is not known.
struct host_addresses {
  std::vector<boost::asio::ip::address> found;  ///< empty when there are none
  std::string why;                              ///< "Host not found"
  bool overloaded = false;                      ///< nobody was asked
};

struct name_lookup_options {
  std::size_t threads = 4;
  std::size_t jobs_max = 256;
  std::size_t names_max = 20'000;
  std::chrono::milliseconds kept{5'000};
  /// Blocks until it knows; the system's resolver when empty.
  std::function<host_addresses(const std::string& name)> ask;
};

class name_lookup {
 public:
  explicit name_lookup(name_lookup_options options);
  ~name_lookup();  ///< waits for what is being asked; whoever waits hears nothing any more

  /// Calls `done` once: at once for an address or a name that is known, though perhaps since a
  /// while; else when the resolver has answered, on a thread of the lookup.
  void resolve(const std::string& host, std::function<void(host_addresses)> done);

 private:
  class names;
  bool ask(const std::string& host);

  name_lookup_options options_;
  std::shared_ptr<names> names_;  ///< shared with jobs, which the threads end before they go
  blocking_work work_;
};

}  // namespace troupe::naming

// router: finds the handler for a method and path. Knows nothing of what handlers do.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"

namespace troupe::http {

/// `captured` holds what the pattern's braces matched, percent-decoded.
using handler = std::function<void(const exchange_ptr&, std::string captured)>;

/// Calls `pass`, at once or later on the connection's strand, or answers itself.
using gate = std::function<void(const exchange_ptr&, std::function<void()> pass)>;

class router {
 public:
  /// Stands before every handler from now on; before any request comes.
  void set_gate(gate g) { gate_ = std::move(g); }

  /// Patterns: "/a/b" is that path; "/a/{x}/b" matches one segment; "/a/{x...}" matches all that
  /// follows, also nothing. At most one pair of braces. HEAD is answered by GET's handler.
  void add(std::string method, std::string pattern, handler handle);

  /// Calls the handler, once the gate lets the request pass, or answers: 404 and 405 as JSON; under
  /// /nacos as Nacos does.
  void route(const exchange_ptr& call) const;

 private:
  struct entry {
    std::string method;
    std::string before;  ///< of the pattern, up to the braces
    std::string after;   ///< behind the braces
    bool captures = false;
    bool tail = false;
    handler handle;

    [[nodiscard]] bool matches(std::string_view path, std::string_view& captured) const;
  };
  std::vector<entry> entries_;
  gate gate_;
};

}  // namespace troupe::http

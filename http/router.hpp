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

class router {
 public:
  /// Patterns: "/a/b" is that path; "/a/{x}/b" matches one segment; "/a/{x...}" matches all that
  /// follows, also nothing. At most one pair of braces. HEAD is answered by GET's handler.
  void add(std::string method, std::string pattern, handler handle);

  /// Calls the handler, or answers: 404 and 405 as JSON; under /nacos as Nacos does.
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
};

}  // namespace troupe::http

// response_head: the status line and header of an answer, as they are sent. Knows nothing of
// sockets, nor of what is asked.
#pragma once

#include <string>

#include "http/exchange.hpp"

namespace troupe::http {

/// What the request asked of the connection.
struct answer_terms {
  unsigned version = 11;  ///< 10 or 11, of HTTP
  bool keep_alive = true;
};

/// Up to and with the empty line. Tells the body's length, also where it is not sent (RFC 7230
/// §3.3.2: HEAD tells that of GET's), but for 304. Bytes of a header that would end its line are
/// sent as spaces: what clients store and get back must not be able to begin a header of its own.
[[nodiscard]] std::string response_head(const response& answer, const answer_terms& terms);

}  // namespace troupe::http

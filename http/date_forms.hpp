// date_forms: moments as HTTP and JSON write them. Knows nothing of clocks.
#pragma once

#include <cstdint>
#include <string>

namespace troupe::http {

/// "Thu, 01 Jan 1970 00:00:00 GMT" (RFC 7231 §7.1.1.1); `ms` since the epoch.
std::string http_date(std::uint64_t ms);
/// "1970-01-01T00:00:00.000+00:00", as Nacos's JSON has it.
std::string iso_date(std::uint64_t ms);

}  // namespace troupe::http

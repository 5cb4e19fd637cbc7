#include "http/date_forms.hpp"

#include <catch2/catch.hpp>

using namespace troupe::http;

TEST_CASE("moments are written as HTTP and JSON have them") {
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(784'111'777'000) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(iso_date(0) == "1970-01-01T00:00:00.000+00:00");
  CHECK(iso_date(1'709'210'096'007) == "2024-02-29T12:34:56.007+00:00");
  CHECK(iso_date(std::uint64_t{1} << 53U).substr(0, 5) == "9999-");
}

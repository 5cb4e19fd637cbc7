#include "naming/periodic.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <memory>

using troupe::naming::periodic;

TEST_CASE("it calls again and again until its owner is gone") {
  boost::asio::io_context io;
  int calls = 0;
  std::unique_ptr<periodic> p;
  p = std::make_unique<periodic>(io, std::chrono::milliseconds(1), [&] { ++calls; });
  while (calls < 3) io.run_one();
  p.reset();
  io.run();  // returns: nothing waits any more
  CHECK(calls == 3);
}

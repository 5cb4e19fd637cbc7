#include "http/moving_deadline.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <memory>

using namespace std::chrono_literals;

namespace {

struct limited {
  boost::asio::io_context io;
  troupe::http::moving_deadline<boost::asio::io_context::executor_type> deadline{io.get_executor()};
  int met = 0;

  void expires_after(std::chrono::milliseconds limit) {
    deadline.expires_after(limit, [this] { ++met; });
  }
};

}  // namespace

TEST_CASE("a limit that was moved is met once, and not before it") {
  limited l;
  l.expires_after(1ms);
  const auto moved = std::chrono::steady_clock::now();
  l.expires_after(30ms);
  l.io.run();
  CHECK(l.met == 1);
  CHECK(std::chrono::steady_clock::now() - moved >= 30ms);
}

TEST_CASE("a limit can be moved to before what it was") {
  limited l;
  l.expires_after(1h);
  l.expires_after(1ms);
  l.io.run();
  CHECK(l.met == 1);
}

TEST_CASE("a limit that was taken back is not met, and can be set again") {
  limited l;
  l.expires_after(1ms);
  l.deadline.expires_never();
  l.io.run();
  CHECK(l.met == 0);
  l.io.restart();
  l.expires_after(1ms);
  l.io.run();
  CHECK(l.met == 1);
}

TEST_CASE("a cancelled limit lets go of what it would have called") {
  limited l;
  auto held = std::make_shared<int>(0);
  l.deadline.expires_after(1h, [held] { ++*held; });
  CHECK(held.use_count() == 2);
  l.deadline.cancel();
  l.io.run();
  CHECK(held.use_count() == 1);
}

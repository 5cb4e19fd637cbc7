// Frames that a thread of its own sends over a connection, beside what the connection is given to
// send. The other end is a plain socket; nothing of the connection runs unless the test says so.
#include "actors/frame_connection.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "actors/direct_line.hpp"
#include "codec/frame_reader.hpp"
#include "connected_sockets.hpp"

using namespace troupe;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

/// More than sockets hold.
constexpr std::size_t large = 32U << 20U;

struct sending_rig {
  sending_rig() {
    connection->start({[](auto, const auto&) {}, [] {}, [this](const auto&) { closed = true; }});
    io.poll();
  }
  ~sending_rig() {
    connection->close("the test is over");
    io.restart();
    io.poll();
  }
  /// Reads so many bytes at the other end, while the connection works.
  std::string read(std::size_t bytes) {
    return sockets.read(bytes, [this] {
      io.restart();
      io.poll();
    });
  }

  boost::asio::io_context io{1};
  connected_sockets sockets{io};
  std::shared_ptr<actors::frame_connection> connection = sockets.connection();
  bool closed = false;
};

}  // namespace

TEST_CASE("what is sent from a thread of its own is with the kernel at once") {
  sending_rig r;
  CHECK(r.connection->try_send("frame"));
  CHECK(r.sockets.read(5) == "frame");
}

TEST_CASE("what the kernel takes a part of is sent to its end before anything else") {
  sending_rig r;
  const std::string first(large, 'a');
  CHECK(r.connection->try_send(first));
  CHECK_FALSE(r.connection->try_send("no"));
  r.connection->send("then");
  CHECK(r.read(large + 4) == first + "then");
  CHECK(r.connection->try_send("again"));
  CHECK(r.read(5) == "again");
}

TEST_CASE("frames that were given to the connection before are not overtaken") {
  sending_rig r;
  const std::string first(large, 'a');
  r.connection->send(first);
  r.io.restart();
  r.io.poll();
  CHECK_FALSE(r.connection->try_send("no"));
  CHECK(r.read(large) == first);
  CHECK(r.connection->try_send("now"));
  CHECK(r.read(3) == "now");
}

TEST_CASE(
    "frames of a thread of its own and of the connection arrive whole, each side's in order") {
  constexpr std::uint64_t frames = 2000;
  sending_rig r;
  const auto work = boost::asio::make_work_guard(r.io);
  r.io.restart();
  std::thread serving([&] { r.io.run(); });
  const auto frame = [](codec::frame_kind kind, std::uint64_t number) {
    return codec::encode_frame(kind, std::to_string(number) + std::string(number % 1000, '.'));
  };
  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> sent_alone = 0;
  std::thread alone([&] {
    while (!is_over) {
      if (r.connection->try_send(frame(codec::frame_kind::raft_messages, sent_alone))) ++sent_alone;
    }
  });
  std::uint64_t sent = 0;
  std::uint64_t heard[2] = {0, 0};
  codec::frame_reader incoming;
  const auto end = std::chrono::steady_clock::now() + 60s;
  while ((heard[0] < frames || heard[1] < 100) && std::chrono::steady_clock::now() < end) {
    if (sent < frames && sent < heard[0] + 100) {
      r.connection->send(frame(codec::frame_kind::replies, sent++));
    }
    incoming.append(r.sockets.read_some());
    for (auto next = incoming.next(codec::frame_body_bytes_max); next && *next;
         next = incoming.next(codec::frame_body_bytes_max)) {
      auto& count = heard[(*next)->kind == codec::frame_kind::raft_messages ? 1 : 0];
      CHECK(std::stoull(std::string((*next)->body.view())) == count);
      ++count;
    }
  }
  is_over = true;
  alone.join();
  r.io.stop();
  serving.join();
  CHECK(heard[0] == frames);
  CHECK(heard[1] >= 100);
  CHECK(heard[1] <= sent_alone);
}

TEST_CASE("a closed connection takes nothing, and neither does a line that is not open") {
  sending_rig r;
  actors::direct_line line;
  CHECK_FALSE(line.send("frame"));
  line.open(r.connection);
  CHECK(line.send("frame"));
  r.connection->close("test");
  CHECK(r.read(5) == "frame");
  CHECK(r.closed);
  CHECK_FALSE(r.connection->try_send("frame"));
  CHECK_FALSE(line.send("frame"));
}

TEST_CASE("the end of an older connection leaves the line to the newer one") {
  sending_rig older;
  sending_rig newer;
  actors::direct_line line;
  line.open(older.connection);
  line.open(newer.connection);
  line.close(older.connection);
  CHECK(line.send("frame"));
  CHECK(newer.sockets.read(5) == "frame");
  line.close(newer.connection);
  CHECK_FALSE(line.send("frame"));
}

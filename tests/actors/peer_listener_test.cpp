// The listener's side of a client's connection: how many requests it takes, and how replies leave.
// The client is a plain socket; everything runs on the test's thread.
#include "actors/peer_listener.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "codec/frame.hpp"
#include "codec/frame_reader.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

/// Keeps what is asked until the test answers.
struct patient_service : actors::peer_service {
  error welcome(const codec::hello&) override { return {}; }
  void messages(std::vector<codec::group_message>) override {}
  void requests(std::vector<codec::request> arrived,
                const std::shared_ptr<actors::reply_sink>& from) override {
    for (const auto& r : arrived) asked.push_back(r.id);
    sink = from;
  }
  void answer(std::uint64_t id, std::size_t bytes) const {
    codec::request_reply r;
    r.id = id;
    r.data = raft::bytes(std::string(bytes, 'x'));
    sink->reply(r);
  }

  std::vector<std::uint64_t> asked;
  std::shared_ptr<actors::reply_sink> sink;
};

struct listener_rig {
  explicit listener_rig(std::size_t requests_max = 16384) {
    actors::listener_options o;
    o.host = "127.0.0.1";
    o.requests_max = requests_max;
    listener = std::make_unique<actors::peer_listener>(io, o, service);
    REQUIRE(listener->start().empty());
    client.connect({boost::asio::ip::address_v4::loopback(), listener->port()});
    client.non_blocking(true);
    say(codec::frame_kind::hello, codec::encode(codec::hello{}));
    REQUIRE(run_until([&] { return greeted; }));
  }
  ~listener_rig() {
    service->sink = nullptr;  // a session, which has the service
    listener.reset();
    io.poll();
  }

  void say(codec::frame_kind kind, const std::string& body) {
    boost::asio::write(client, boost::asio::buffer(codec::encode_frame(kind, body)));
  }
  void ask(std::uint64_t first, std::uint64_t count,
           codec::request_kind kind = codec::request_kind::query) {
    std::string body;
    for (auto id = first; id < first + count; ++id) {
      codec::request r;
      r.id = id;
      r.kind = kind;
      r.group = "g";
      r.timeout_ms = 1000;
      codec::append_request(r, body);
    }
    say(codec::frame_kind::requests, body);
  }
  /// Takes what the kernel has for the client.
  void hear() {
    boost::system::error_code failed;
    std::string piece(64U << 10U, '\0');
    while (!failed) {
      const auto n = client.read_some(boost::asio::buffer(piece), failed);
      incoming.append({piece.data(), n});
    }
    closed = closed || failed != boost::asio::error::would_block;
    for (auto next = incoming.next(codec::frame_body_bytes_max); next && *next;
         next = incoming.next(codec::frame_body_bytes_max)) {
      greeted = greeted || (*next)->kind == codec::frame_kind::hello_reply;
      if ((*next)->kind != codec::frame_kind::replies) continue;
      const auto replies = codec::decode_replies((*next)->body);
      REQUIRE(replies);
      for (const auto& r : *replies) {
        (r.code == error_code::ok ? answered : refused).insert(r.id);
        ++heard;
      }
    }
  }
  template <class Condition>
  bool run_until(Condition&& holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    for (hear(); !holds(); hear()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.run_one_for(1ms);
    }
    return true;
  }
  bool run_until_asked(std::size_t requests) {
    return run_until([&] { return service->asked.size() == requests; });
  }

  boost::asio::io_context io{1};
  std::shared_ptr<patient_service> service = std::make_shared<patient_service>();
  std::unique_ptr<actors::peer_listener> listener;
  boost::asio::io_context blocking;
  tcp::socket client{blocking};
  codec::frame_reader incoming;
  std::set<std::uint64_t> answered;
  std::set<std::uint64_t> refused;
  std::size_t heard = 0;
  bool greeted = false;
  bool closed = false;
};

}  // namespace

TEST_CASE(
    "of many answers that one turn gives, the first reach their client before the last exist") {
  listener_rig r;
  r.ask(1, 100);
  REQUIRE(r.run_until_asked(100));
  std::vector<std::size_t> heard;
  boost::asio::post(r.io, [&] {
    for (std::uint64_t id = 1; id <= 100; ++id) {
      r.service->answer(id, 1024);
      if (id % 25 != 0) continue;
      r.hear();
      heard.push_back(r.heard);
    }
  });
  REQUIRE(r.run_until([&] { return heard.size() == 4; }));
  CHECK(heard[0] > 0);
  CHECK(heard[1] > heard[0]);
  CHECK(heard[3] > heard[2]);
  REQUIRE(r.run_until([&] { return r.heard == 100; }));
  CHECK(r.answered.size() == 100);
}

TEST_CASE("few answers leave together, at the end of the turn") {
  listener_rig r;
  r.ask(1, 10);
  REQUIRE(r.run_until_asked(10));
  std::size_t early = 1;
  boost::asio::post(r.io, [&] {
    for (std::uint64_t id = 1; id <= 10; ++id) r.service->answer(id, 100);
    r.hear();
    early = r.heard;
  });
  REQUIRE(r.run_until([&] { return r.heard == 10; }));
  CHECK(early == 0);
}

TEST_CASE("a client that is slow to read hears each answer once") {
  listener_rig r;
  r.ask(1, 10'000);
  REQUIRE(r.run_until_asked(10'000));
  // More than the kernel holds: what it does not take waits, and is written when it has room.
  boost::asio::post(r.io, [&] {
    for (std::uint64_t id = 1; id <= 10'000; ++id) r.service->answer(id, 2048);
  });
  REQUIRE(r.run_until([&] { return r.answered.size() == 10'000; }));
  CHECK(r.heard == 10'000);
  CHECK_FALSE(r.closed);
  r.ask(20'000, 1);
  REQUIRE(r.run_until_asked(10'001));
  r.service->answer(20'000, 1);
  CHECK(r.run_until([&] { return r.answered.contains(20'000); }));
}

TEST_CASE("a client that does not read what it asked for is cut off") {
  listener_rig r;
  r.ask(1, 100);
  REQUIRE(r.run_until_asked(100));
  for (std::uint64_t id = 1; id <= 100; ++id) {
    r.service->answer(id, 1U << 20U);
    r.io.poll();
  }
  CHECK(r.run_until([&] { return r.closed; }));
  CHECK(r.heard < 100);
}

TEST_CASE(
    "a connection has a number of unanswered requests, those of a frame beyond it are refused") {
  listener_rig r(3);
  r.ask(1, 5);
  REQUIRE(r.run_until([&] { return r.heard == 2; }));
  CHECK(r.refused == std::set<std::uint64_t>{4, 5});
  CHECK(r.service->asked == std::vector<std::uint64_t>{1, 2, 3});
  r.service->answer(1, 1);
  r.ask(6, 2);
  REQUIRE(r.run_until([&] { return r.heard == 4; }));
  CHECK(r.refused == std::set<std::uint64_t>{4, 5, 7});
  CHECK(r.service->asked == std::vector<std::uint64_t>{1, 2, 3, 6});
}

TEST_CASE("a client that sends a part of a snapshot is cut off, and nothing of its frame is done") {
  listener_rig r;
  r.ask(1, 2, codec::request_kind::snapshot);
  CHECK(r.run_until([&] { return r.closed; }));
  CHECK(r.service->asked.empty());
}

// The dialer, against a far side that the test plays: what it takes for silence, and what becomes
// of it. Both run on the test's thread; what counts are pings, not time.
#include "actors/peer_dialer.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <optional>

#include "codec/frame.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

/// Takes connections and their hello, and answers pings while it `answers`.
class far_side {
 public:
  explicit far_side(boost::asio::io_context& io)
      : io_(io), acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}) {
    accept();
  }
  ~far_side() {
    if (connection_) connection_->close("the test is over");
  }
  [[nodiscard]] std::string port() const {
    return std::to_string(acceptor_.local_endpoint().port());
  }
  void say(codec::frame_kind kind, const std::string& body = {}) {
    connection_->send(codec::encode_frame(kind, body));
  }

  void hang_up() { connection_->close("gone"); }

  bool answers = true;
  std::size_t connections = 0;
  std::size_t pings = 0;

 private:
  void accept() {
    socket_.emplace(boost::asio::make_strand(io_));
    acceptor_.async_accept(*socket_, [this](auto failed) {
      if (failed) return;
      ++connections;
      connection_ = std::make_shared<actors::frame_connection>(
          std::move(*socket_), actors::frame_limits{codec::frame_body_bytes_max, 1h, std::nullopt});
      connection_->start(
          {[this](auto kind, const auto&) { hear(kind); }, [] {}, [](const auto&) {}});
      accept();
    });
  }
  void hear(codec::frame_kind kind) {
    if (kind == codec::frame_kind::hello) {
      return say(codec::frame_kind::hello_reply, codec::encode(codec::hello_reply{}));
    }
    if (kind != codec::frame_kind::ping) return;
    ++pings;
    if (answers) say(codec::frame_kind::pong);
  }

  boost::asio::io_context& io_;
  tcp::acceptor acceptor_;
  std::optional<actors::tcp_socket> socket_;
  std::shared_ptr<actors::frame_connection> connection_;
};

struct dialer_rig {
  explicit dialer_rig(std::chrono::milliseconds suspect_after,
                      std::chrono::milliseconds silence_max = 1h) {
    actors::dialer_options o;
    o.host = "127.0.0.1";
    o.port = far.port();
    o.ping_interval = 5ms;
    o.suspect_after = suspect_after;
    o.silence_max = silence_max;
    o.line = line;
    o.backoff = {1ms, 1ms};
    actors::dialer_events on;
    on.up = [this](auto, const auto&) { ++ups; };
    on.down = [this](auto, const auto&) { ++downs; };
    on.silent = [this] {
      ++silences;
      pings_when_silent = far.pings;
    };
    dialer = std::make_unique<actors::peer_dialer>(io, std::move(o), std::move(on));
    REQUIRE(run_until([&] { return ups == 1; }));
  }
  ~dialer_rig() {
    dialer.reset();
    io.poll();
  }
  template <class Condition>
  bool run_until(Condition&& holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.run_one_for(100ms);
    }
    return true;
  }
  bool run_pings(std::size_t more) {
    return run_until([&, enough = far.pings + more] { return far.pings >= enough; });
  }

  boost::asio::io_context io{1};
  far_side far{io};
  std::shared_ptr<actors::direct_line> line = std::make_shared<actors::direct_line>();
  std::size_t ups = 0;
  std::size_t downs = 0;
  std::size_t silences = 0;
  std::size_t pings_when_silent = 0;
  std::unique_ptr<actors::peer_dialer> dialer;
};

}  // namespace

TEST_CASE("an idle connection is pinged, and who answers nothing but pings is not silent") {
  dialer_rig r(20ms);
  CHECK(r.run_pings(50));
  CHECK(r.silences == 0);
  CHECK(r.downs == 0);
}

TEST_CASE("who leaves the pings of suspect_after unanswered is silent, once, and stays connected") {
  dialer_rig r(20ms);
  r.far.answers = false;
  r.far.pings = 0;
  REQUIRE(r.run_until([&] { return r.silences == 1; }));
  CHECK(r.pings_when_silent >= 3);  // the fourth may be on its way
  CHECK(r.run_pings(20));
  CHECK(r.silences == 1);
  CHECK(r.downs == 0);
  CHECK(r.far.connections == 1);
}

TEST_CASE("whatever is heard ends the silence, and a new one is told again") {
  dialer_rig r(20ms);
  r.far.answers = false;
  REQUIRE(r.run_until([&] { return r.silences == 1; }));
  r.far.say(codec::frame_kind::replies);
  CHECK(r.run_until([&] { return r.silences == 2; }));
  r.far.answers = true;
  // Whatever was not answered when it began to answer may still be counted.
  CHECK(r.run_pings(10));
  const auto before = r.silences;
  CHECK(r.run_pings(20));
  CHECK(r.silences == before);
}

TEST_CASE("without suspicion silence is not told, and a connection that is silent too long ends") {
  dialer_rig r(0ms, 100ms);
  r.far.answers = false;
  CHECK(r.run_until([&] { return r.ups == 2; }));
  CHECK(r.downs == 1);
  CHECK(r.silences == 0);
  CHECK(r.far.connections >= 2);
}

TEST_CASE("the line is open while the connection is up") {
  dialer_rig r(20ms);
  const auto ping = codec::encode_frame(codec::frame_kind::ping, {});
  CHECK(r.line->send(ping));
  r.far.hang_up();
  REQUIRE(r.run_until([&] { return r.downs == 1; }));
  CHECK_FALSE(r.line->send(ping));
  REQUIRE(r.run_until([&] { return r.ups == 2; }));
  const auto pings = r.far.pings;
  CHECK(r.line->send(ping));
  CHECK(r.run_until([&] { return r.far.pings > pings; }));
}

TEST_CASE("a process that stood still itself takes nobody for silent") {
  dialer_rig r(20ms);
  CHECK(r.run_pings(3));
  // Many intervals of pings pass in which neither side gets to do anything.
  const auto until = std::chrono::steady_clock::now() + 100ms;
  while (std::chrono::steady_clock::now() < until) {
  }
  CHECK(r.run_pings(10));
  CHECK(r.silences == 0);
}

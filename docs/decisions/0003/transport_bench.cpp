// Round trip and throughput between two processes over loopback: our frames over plain Boost.Asio
// sockets against caf::io's remote actors. Backs docs/decisions/0003-transport.md; not part of the
// build, as nothing else needs CAF's networking.
//
//   ./run build
//   g++ -std=c++20 -O2 -DCAF_ENABLE_TYPE_ID_CHECKS -I. docs/decisions/0003/transport_bench.cpp
//     build/release/codec/libtroupe_codec.a -lcaf_io -lcaf_core -lxxhash -pthread -o
//     transport_bench
//   ./transport_bench asio|caf BYTES SECONDS
#include <utility>  // before Asio 1.74, which forgets it

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "codec/frame.hpp"

using std::chrono::steady_clock;
using bytes = std::vector<char>;

CAF_BEGIN_TYPE_ID_BLOCK(transport_bench, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(transport_bench, (bytes))
CAF_END_TYPE_ID_BLOCK(transport_bench)

namespace {

constexpr std::size_t in_flight_max = 256;

struct counts {
  std::vector<double> round_trips_us;
  std::uint64_t echoed = 0;
};

void report(const char* which, std::size_t size, counts& alone, const counts& piped, double took) {
  auto& r = alone.round_trips_us;
  std::sort(r.begin(), r.end());
  std::printf("%-5s %5zu B   round trip p50 %6.1f us  p99 %6.1f us   %8.0f echoes/s with %zu out\n",
              which, size, r[r.size() / 2], r[r.size() * 99 / 100],
              static_cast<double>(piped.echoed) / took, in_flight_max);
}

double seconds_since(steady_clock::time_point t) {
  return std::chrono::duration<double>(steady_clock::now() - t).count();
}

// ---- plain sockets and our frames
// ------------------------------------------------------------------

using boost::asio::ip::tcp;
namespace codec = troupe::codec;

/// Both ends: reads what there is, cuts it into checked frames, writes all that is queued at once.
class framed {
 public:
  explicit framed(tcp::socket s) : socket_(std::move(s)), chunk_(256U << 10U) {
    socket_.set_option(tcp::no_delay(true));
  }
  std::function<void(std::string_view)> on_frame;
  std::function<void()> on_read;  ///< after all frames of one read

  void queue(std::string_view body) {
    queued_ += codec::encode_frame(codec::frame_kind::requests, body);
  }
  void flush() {
    if (!writing_.empty() || queued_.empty()) return;
    writing_.swap(queued_);
    boost::asio::async_write(socket_, boost::asio::buffer(writing_), [this](auto failed, auto) {
      writing_.clear();
      if (!failed) flush();
    });
  }
  void read() {
    socket_.async_read_some(boost::asio::buffer(chunk_), [this](auto failed, std::size_t n) {
      if (failed) return;
      in_.append(chunk_.data(), n);
      std::size_t at = 0;
      while (in_.size() - at >= codec::frame_header_bytes) {
        const auto view = std::string_view(in_).substr(at);
        const auto h = codec::decode_frame_header(view.substr(0, codec::frame_header_bytes));
        if (!h || view.size() < codec::frame_header_bytes + h->body_bytes) break;
        const auto body = view.substr(codec::frame_header_bytes, h->body_bytes);
        if (!codec::frame_body_matches(*h, body)) std::abort();
        on_frame(body);
        at += codec::frame_header_bytes + h->body_bytes;
      }
      in_.erase(0, at);
      on_read();
      read();
    });
  }

 private:
  tcp::socket socket_;
  std::vector<char> chunk_;
  std::string in_, queued_, writing_;
};

void asio_server(int port_to) {
  boost::asio::io_context io;
  tcp::acceptor a(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  const std::uint16_t port = a.local_endpoint().port();
  if (write(port_to, &port, sizeof port) != sizeof port) _exit(1);
  framed f(a.accept());
  f.on_frame = [&](std::string_view body) { f.queue(body); };
  f.on_read = [&] { f.flush(); };
  f.read();
  io.run();
}

void asio_client(std::uint16_t port, std::size_t size, double seconds) {
  boost::asio::io_context io;
  tcp::socket s(io);
  s.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  framed f(std::move(s));
  const std::string body(size, 'x');
  counts alone;
  counts piped;
  auto start = steady_clock::now();
  auto sent = start;
  bool pipelined = false;
  const auto send = [&] { f.queue(body); };
  f.on_frame = [&](std::string_view) {
    if (pipelined) {
      ++piped.echoed;
    } else {
      alone.round_trips_us.push_back(seconds_since(sent) * 1e6);
      sent = steady_clock::now();
    }
    send();
    if (!pipelined && seconds_since(start) > seconds) {
      pipelined = true;
      start = steady_clock::now();
      for (std::size_t i = 1; i < in_flight_max; ++i) send();
    } else if (pipelined && seconds_since(start) > seconds) {
      io.stop();
    }
  };
  f.on_read = [&] { f.flush(); };
  f.read();
  send();
  f.flush();
  io.run();
  report("asio", size, alone, piped, seconds_since(start));
}

// ---- caf::io
// -----------------------------------------------------------------------------------------

struct config : caf::actor_system_config {
  config() {
    add_message_types<caf::id_block::transport_bench>();
    load<caf::io::middleman>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
  }
};

using echo_actor = caf::typed_actor<caf::replies_to<bytes>::with<bytes>>;

void caf_server(int port_to) {
  config c;
  caf::actor_system system{c};
  const auto echo = system.spawn([](echo_actor::pointer) -> echo_actor::behavior_type {
    return {[](bytes& b) { return std::move(b); }};
  });
  const auto port = *system.middleman().publish(echo, 0, "127.0.0.1");
  if (write(port_to, &port, sizeof port) != sizeof port) _exit(1);
  pause();
}

struct asker {
  counts alone;
  counts piped;
  bool pipelined = false;
  steady_clock::time_point start = steady_clock::now();
  steady_clock::time_point sent = start;
};

void ask(caf::event_based_actor* self, const echo_actor& echo, std::shared_ptr<asker> a,
         const bytes& body, double seconds) {
  self->request(echo, caf::infinite, body).then([=](const bytes&) {
    if (a->pipelined) {
      ++a->piped.echoed;
    } else {
      a->alone.round_trips_us.push_back(seconds_since(a->sent) * 1e6);
      a->sent = steady_clock::now();
    }
    if (a->pipelined && seconds_since(a->start) > seconds) {
      if (a->piped.round_trips_us.empty()) {
        a->piped.round_trips_us.push_back(0);
        report("caf", body.size(), a->alone, a->piped, seconds_since(a->start));
        std::fflush(stdout);
        _exit(0);
      }
      return;
    }
    ask(self, echo, a, body, seconds);
    if (!a->pipelined && seconds_since(a->start) > seconds) {
      a->pipelined = true;
      a->start = steady_clock::now();
      for (std::size_t i = 1; i < in_flight_max; ++i) ask(self, echo, a, body, seconds);
    }
  });
}

void caf_client(std::uint16_t port, std::size_t size, double seconds) {
  config c;
  caf::actor_system system{c};
  const auto echo = *system.middleman().remote_actor<echo_actor>("127.0.0.1", port);
  system.spawn([=](caf::event_based_actor* self) {
    ask(self, echo, std::make_shared<asker>(), bytes(size, 'x'), seconds);
  });
  system.await_all_actors_done();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const bool asio = std::string(argv[1]) == "asio";
  int ends[2];
  if (pipe(ends) != 0) return 1;
  const auto server = fork();
  if (server == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    asio ? asio_server(ends[1]) : caf_server(ends[1]);
    return 0;
  }
  std::uint16_t port = 0;
  if (read(ends[0], &port, sizeof port) != sizeof port) return 1;
  const auto size = static_cast<std::size_t>(std::stoul(argv[2]));
  (asio ? asio_client : caf_client)(port, size, std::stod(argv[3]));
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
}

// Probes over real sockets of the loopback interface.
#include "naming/socket_prober.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "loopback.hpp"

using namespace troupe::naming;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

probe_target target_at(std::uint16_t port, const std::string& type = "TCP",
                       const std::string& host = "127.0.0.1") {
  probe_target t;
  t.host = host;
  t.port = port;
  t.checker.type = type;
  return t;
}

struct rig {
  running_io running;
  std::unique_ptr<socket_prober> prober;

  explicit rig(socket_prober_options o = quick()) {
    prober = std::make_unique<socket_prober>(running.io, std::move(o));
  }
  /// As patient as a test of a silent server can stand.
  static socket_prober_options quick() {
    socket_prober_options o;
    o.http.answer = 300ms;
    o.mysql.answer = 300ms;
    return o;
  }
  probe_outcome probe(const probe_target& t) const {
    std::promise<probe_outcome> said;
    auto heard = said.get_future();
    prober->probe(t, [&](probe_outcome o) { said.set_value(std::move(o)); });
    return heard.get();
  }
};

/// Reads a request's head, keeps it, answers.
std::function<void(tcp::socket&)> answering(std::string answer,
                                            std::shared_ptr<std::string> asked = {}) {
  return [answer = std::move(answer), asked](tcp::socket& s) {
    std::string head;
    char c = 0;
    boost::system::error_code failed;
    while (!head.ends_with("\r\n\r\n")) {
      boost::asio::read(s, boost::asio::buffer(&c, 1), failed);
      if (failed) return;
      head += c;
    }
    if (asked) *asked = head;
    boost::asio::write(s, boost::asio::buffer(answer), failed);
  };
}

std::string status(int code) {
  return "HTTP/1.1 " + std::to_string(code) + " Text\r\nContent-Length: 0\r\n\r\n";
}

const auto accepts_only = [](tcp::socket&) {};

}  // namespace

TEST_CASE("a port that is listened at is a success by TCP") {
  rig r;
  loopback_server s(accepts_only);
  const auto o = r.probe(target_at(s.port()));
  CHECK(o.verdict == probe_verdict::success);
  CHECK(o.why.empty());
  CHECK(o.took > probe_time{0});
}

TEST_CASE("a refused connection is a hard failure, by every checker") {
  rig r;
  closed_port p;
  for (const auto* type : {"TCP", "HTTP", "MYSQL"}) {
    INFO(type);
    const auto o = r.probe(target_at(p.port(), type));
    CHECK(o.verdict == probe_verdict::hard_failure);
    CHECK(o.why == "connection refused");
  }
}

TEST_CASE("a connection that does not come about within 500 ms is a soft failure") {
  rig r;
  full_port p;
  for (const auto* type : {"TCP", "HTTP"}) {
    INFO(type);
    const auto o = r.probe(target_at(p.port(), type));
    CHECK(o.verdict == probe_verdict::soft_failure);
    CHECK(o.why == "no connection within 500 ms");
  }
}

TEST_CASE("by HTTP only the expected status is a success, and 302 and 503 may pass, others not") {
  struct row {
    int status;
    std::uint32_t expected;
    probe_verdict verdict;
    const char* why;
  };
  const row rows[] = {
      {200, 200, probe_verdict::success, ""},
      {204, 204, probe_verdict::success, ""},
      {302, 302, probe_verdict::success, ""},
      {200, 204, probe_verdict::hard_failure, "status 200 instead of 204"},
      {404, 200, probe_verdict::hard_failure, "status 404 instead of 200"},
      {500, 200, probe_verdict::hard_failure, "status 500 instead of 200"},
      {302, 200, probe_verdict::soft_failure, "status 302 instead of 200"},
      {503, 200, probe_verdict::soft_failure, "status 503 instead of 200"},
  };
  rig r;
  for (const auto& row : rows) {
    INFO(row.status << " expected " << row.expected);
    loopback_server s(answering(status(row.status)));
    auto t = target_at(s.port(), "HTTP");
    t.checker.expected_code = row.expected;
    const auto o = r.probe(t);
    CHECK(o.verdict == row.verdict);
    CHECK(o.why == row.why);
  }
}

TEST_CASE("an HTTP probe asks for the path with the headers of the list") {
  rig r;
  const auto asked = std::make_shared<std::string>();
  loopback_server s(answering(status(200), asked));
  auto t = target_at(s.port(), "HTTP");
  t.checker.path = "health?deep=1";
  CHECK(r.probe(t).verdict == probe_verdict::success);
  CHECK(asked->starts_with("GET /health?deep=1 HTTP/1.1\r\n"));
  CHECK(asked->find("Host: 127.0.0.1:" + std::to_string(s.port()) + "\r\n") != std::string::npos);
  t.checker.headers = "Host:a.example:8080|X-Kind: probe |broken|X-Bad:a\r\nGET / HTTP/1.1";
  CHECK(r.probe(t).verdict == probe_verdict::success);
  CHECK(asked->find("Host: a.example:8080\r\n") != std::string::npos);
  CHECK(asked->find("X-Kind: probe\r\n") != std::string::npos);
  CHECK(asked->find("X-Bad") == std::string::npos);
  CHECK(asked->find("broken") == std::string::npos);
}

TEST_CASE("silence, nonsense and a closed connection are soft failures by HTTP") {
  rig r;
  {
    std::promise<void> over;
    loopback_server s([&](tcp::socket&) { over.get_future().wait(); });
    const auto o = r.probe(target_at(s.port(), "HTTP"));
    CHECK(o.verdict == probe_verdict::soft_failure);
    CHECK(o.why == "no answer within 300 ms");
    over.set_value();
  }
  {
    loopback_server s(answering("SSH-2.0-OpenSSH\r\n\r\n"));
    CHECK(r.probe(target_at(s.port(), "HTTP")).verdict == probe_verdict::soft_failure);
  }
  {
    loopback_server s(answering(""));
    const auto o = r.probe(target_at(s.port(), "HTTP"));
    CHECK(o.verdict == probe_verdict::soft_failure);
    CHECK(o.why == "closed without an answer");
  }
  {
    loopback_server s(answering("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"));
    CHECK(r.probe(target_at(s.port(), "HTTP")).verdict == probe_verdict::soft_failure);
  }
}

TEST_CASE("a host may be a name, with every address of which it may answer") {
  auto o = rig::quick();
  o.names.ask = [](const std::string& name) -> host_addresses {
    using boost::asio::ip::make_address;
    if (name == "two.example") return {{make_address("::1"), make_address("127.0.0.1")}, {}, false};
    return {{}, "Host not found", false};
  };
  rig r(o);
  loopback_server s(answering(status(200)));
  CHECK(r.probe(target_at(s.port(), "TCP", "two.example")).verdict == probe_verdict::success);
  CHECK(r.probe(target_at(s.port(), "HTTP", "two.example")).verdict == probe_verdict::success);
  const auto lost = r.probe(target_at(s.port(), "TCP", "gone.example"));
  CHECK(lost.verdict == probe_verdict::soft_failure);
  CHECK(lost.why == "Host not found");
}

TEST_CASE("a name that nobody resolves holds its probe no longer than the limit") {
  std::promise<void> over;
  auto answered = over.get_future().share();
  auto o = rig::quick();
  o.lookup = 100ms;
  o.names.ask = [answered](const std::string&) -> host_addresses {
    answered.wait();
    return {{}, "Host not found", false};
  };
  rig r(o);
  const auto late = r.probe(target_at(80, "TCP", "slow.example"));
  CHECK(late.verdict == probe_verdict::soft_failure);
  CHECK(late.why == "the name was not resolved within 100 ms");
  over.set_value();
}

TEST_CASE("a thousand probes leave no descriptor behind") {
  rig r;
  loopback_server s(answering(status(200)));
  closed_port closed;
  r.probe(target_at(s.port()));
  const auto before = open_descriptors();
  std::mutex guard;
  std::condition_variable changed;
  std::size_t done = 0;
  constexpr std::size_t count = 1'000;
  for (std::size_t i = 0; i < count; ++i) {
    {
      std::unique_lock lock(guard);
      changed.wait(lock, [&] { return i - done < 64; });
    }
    const auto port = i % 3 == 0 ? closed.port() : s.port();
    r.prober->probe(target_at(port, i % 3 == 1 ? "HTTP" : "TCP"), [&](const probe_outcome&) {
      const std::lock_guard lock(guard);
      ++done;
      changed.notify_one();
    });
  }
  std::unique_lock lock(guard);
  changed.wait(lock, [&] { return done == count; });
  lock.unlock();
  // The server closes its side a moment later.
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (open_descriptors() > before && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  CHECK(open_descriptors() <= before);
}

TEST_CASE("a node without descriptors says nothing of the servers") {
  rig r;
  loopback_server s(accepts_only);
  REQUIRE(r.probe(target_at(s.port())).verdict == probe_verdict::success);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 1;
  setrlimit(RLIMIT_NOFILE, &none);
  const auto tcp_says = r.probe(target_at(s.port()));
  const auto http_says = r.probe(target_at(s.port(), "HTTP"));
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(tcp_says.verdict == probe_verdict::inconclusive);
  CHECK(http_says.verdict == probe_verdict::inconclusive);
  CHECK(tcp_says.why == "Too many open files");
}

TEST_CASE("a header list is read leniently, but never lets a request be smuggled") {
  using list = std::vector<std::pair<std::string, std::string>>;
  CHECK(parse_header_list("") == list{});
  CHECK(parse_header_list("Host:a|X-K:v") == list{{"Host", "a"}, {"X-K", "v"}});
  CHECK(parse_header_list("A: b:c |") == list{{"A", "b:c"}});
  CHECK(parse_header_list("|:x|no colon|bad name:x|A\r\n:x|B:y\r\nC: z").empty());
  CHECK(parse_header_list("Empty:") == list{{"Empty", ""}});
}

TEST_CASE("a path stands in a request line whatever it holds") {
  CHECK(request_path("") == "/");
  CHECK(request_path("health") == "/health");
  CHECK(request_path("/a b\r\n\xc3\xa4") == "/a%20b%0D%0A%C3%A4");
}

TEST_CASE("the question for read_only is known however it is written") {
  CHECK(asks_for_read_only("show global variables where variable_name='read_only'"));
  CHECK(asks_for_read_only("SHOW GLOBAL VARIABLES WHERE Variable_name = \"read_only\" ;"));
  CHECK_FALSE(asks_for_read_only("select 1"));
}

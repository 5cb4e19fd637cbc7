// loopback: servers of a test on free ports of 127.0.0.1, each on a thread of its own, and an
// io_context that runs while the test does.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>

namespace troupe::testing {

using tcp = boost::asio::ip::tcp;

class running_io {
 public:
  running_io() : work_(io.get_executor()), threads_{std::thread(run()), std::thread(run())} {}
  ~running_io() {
    io.stop();
    for (auto& t : threads_) t.join();
  }
  running_io(const running_io&) = delete;
  running_io& operator=(const running_io&) = delete;

  boost::asio::io_context io;

 private:
  std::function<void()> run() {
    return [this] { io.run(); };
  }
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread threads_[2];
};

/// Accepts one connection after the other and hands each to `serve`.
class loopback_server {
 public:
  explicit loopback_server(std::function<void(tcp::socket&)> serve)
      : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, serve = std::move(serve)] { accept(serve); }) {}
  ~loopback_server() {
    stopped_ = true;
    // Wakes the accept.
    boost::system::error_code ignored;
    tcp::socket wake(io_);
    wake.connect({boost::asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }
  loopback_server(const loopback_server&) = delete;
  loopback_server& operator=(const loopback_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void accept(const std::function<void(tcp::socket&)>& serve) {
    while (true) {
      boost::system::error_code failed;
      tcp::socket s(io_);
      acceptor_.accept(s, failed);
      if (stopped_ || failed) return;
      serve(s);
    }
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

/// A port that nobody listens on: bound, so that nobody else gets it, but not listened at.
class closed_port {
 public:
  closed_port() {
    socket_.open(tcp::v4());
    socket_.bind({boost::asio::ip::address_v4::loopback(), 0});
  }
  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_{io_};
};

/// Listens but accepts nobody, and its queue is full: connecting waits for ever.
class full_port {
 public:
  full_port() : acceptor_(io_) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    // Linux takes backlog + 1 and then drops what knocks.
    for (auto& s : fillers_) {
      s.open(tcp::v4());
      s.native_non_blocking(true);
      // Not the library's connect: that waits for the end also when told not to.
      const tcp::endpoint here(boost::asio::ip::address_v4::loopback(), port());
      static_cast<void>(::connect(s.native_handle(), here.data(), here.size()));
    }
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  tcp::socket fillers_[3]{tcp::socket{io_}, tcp::socket{io_}, tcp::socket{io_}};
};

/// How many descriptors this process holds.
std::size_t open_descriptors();

}  // namespace troupe::testing

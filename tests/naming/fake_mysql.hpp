// fake_mysql: the server side of as much of MySQL's protocol as a health check meets: greeting,
// login, one command. What it answers is the test's choice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loopback.hpp"

namespace troupe::testing {

class fake_mysql {
 public:
  struct answers {
    std::string login;    ///< a packet's body, see below
    std::string command;  ///< packets, one behind the other, see row_packets()
    bool silent = false;  ///< says nothing after the greeting
  };

  explicit fake_mysql(answers a)
      : answers_(std::move(a)), server_([this](tcp::socket& s) { serve(s); }) {}
  ~fake_mysql() { let_go(); }

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  /// Everything that the client ever sent; complete once it has hung up.
  [[nodiscard]] std::string received();
  /// Ends the silence.
  void let_go();

  static std::string ok();
  static std::string refusal(std::uint16_t number, const std::string& text);
  /// Asks the client to log in again, in another way.
  static std::string switch_to(const std::string& plugin);
  /// Asks the client for a file of its own.
  static std::string send_me(const std::string& file);
  /// One packet, number 1: the whole answer to a command.
  static std::string answer(const std::string& body);
  /// A result of two columns and one row.
  static std::string row_packets(const std::string& first, const std::string& second);

 private:
  void serve(tcp::socket& s);

  answers answers_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::string received_;
  std::size_t served_ = 0;
  bool over_ = false;
  loopback_server server_;  ///< ends first
};

}  // namespace troupe::testing

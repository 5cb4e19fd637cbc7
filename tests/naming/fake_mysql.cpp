#include "fake_mysql.hpp"

namespace troupe::testing {

namespace {

using namespace std::string_literals;

std::string packet(std::uint8_t number, const std::string& body) {
  const auto n = body.size();
  const char head[] = {static_cast<char>(n), static_cast<char>(n >> 8U),
                       static_cast<char>(n >> 16U), static_cast<char>(number)};
  return std::string(head, sizeof head) + body;
}

std::string text(const std::string& t) {
  return static_cast<char>(t.size()) + t;
}

std::string greeting() {
  // Protocol 10, 4.1, secure connection, plugins; no TLS.
  return "\x0a"s + "5.7.0-fake\0"s + "\x01\0\0\0"s + "saltsalt"s + "\0"s + "\x01\xa2"s + "\x21"s +
         "\x02\0"s + "\x08\0"s + "\x15"s + std::string(10, '\0') + "saltsaltsalt\0"s +
         "mysql_native_password\0"s;
}

std::string column(const std::string& name) {
  return text("def") + text("") + text("") + text("") + text(name) + text(name) + "\x0c"s +
         "\x21\0"s + "\xff\0\0\0"s + "\xfd"s + "\0\0"s + "\0"s + "\0\0"s;
}

const std::string end_of_part = "\xfe\0\0\x02\0"s;

/// A packet's body; nothing when the client hung up.
std::optional<std::string> read_packet(tcp::socket& s) {
  unsigned char head[4];
  boost::system::error_code failed;
  boost::asio::read(s, boost::asio::buffer(head), failed);
  if (failed) return std::nullopt;
  std::string body(head[0] | head[1] << 8U | head[2] << 16U, '\0');
  boost::asio::read(s, boost::asio::buffer(body), failed);
  if (failed) return std::nullopt;
  return body;
}

}  // namespace

std::string fake_mysql::ok() {
  return "\0\0\0\x02\0\0\0"s;
}

std::string fake_mysql::refusal(std::uint16_t number, const std::string& why) {
  return "\xff"s + static_cast<char>(number) + static_cast<char>(number >> 8U) + "#HY000" + why;
}

std::string fake_mysql::switch_to(const std::string& plugin) {
  return "\xfe" + plugin + '\0' + "saltsaltsaltsaltsalt" + '\0';
}

std::string fake_mysql::send_me(const std::string& file) {
  return "\xfb" + file;
}

std::string fake_mysql::answer(const std::string& body) {
  return packet(1, body);
}

std::string fake_mysql::row_packets(const std::string& first, const std::string& second) {
  return packet(1, "\x02") + packet(2, column("Variable_name")) + packet(3, column("Value")) +
         packet(4, end_of_part) + packet(5, text(first) + text(second)) + packet(6, end_of_part);
}

void fake_mysql::serve(tcp::socket& s) {
  boost::system::error_code failed;
  boost::asio::write(s, boost::asio::buffer(packet(0, greeting())), failed);
  std::string all;
  bool logged_in = false;
  while (auto body = read_packet(s)) {
    all += *body;
    if (answers_.silent) {
      std::unique_lock lock(guard_);
      changed_.wait(lock, [this] { return over_; });
      break;
    }
    const auto reply = logged_in ? answers_.command : packet(2, answers_.login);
    logged_in = true;
    boost::asio::write(s, boost::asio::buffer(reply), failed);
  }
  const std::lock_guard lock(guard_);
  received_ += all;
  ++served_;
  changed_.notify_all();
}

std::string fake_mysql::received() {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [this] { return served_ > 0; });
  return received_;
}

void fake_mysql::let_go() {
  const std::lock_guard lock(guard_);
  over_ = true;
  changed_.notify_all();
}

}  // namespace troupe::testing

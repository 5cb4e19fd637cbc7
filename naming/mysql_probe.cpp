#include <mariadb/errmsg.h>
#include <mariadb/mysql.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "naming/probe_sockets.hpp"

namespace troupe::naming {

namespace {

using clock = std::chrono::steady_clock;

/// What a server may make us hold: a row of a status table is far smaller.
constexpr std::size_t packet_bytes_max = 1U << 20U;
constexpr std::size_t reason_bytes_max = 200;

/// Ways to log in that do not show the password to whoever listens at the port.
constexpr const char* ways_to_log_in =
    "mysql_native_password,caching_sha2_password,client_ed25519,sha256_password";

/// One connection over the library's calls that do not wait, because those that do have a limit for
/// each packet only: a server that sends byte by byte would hold a thread for hours.
class mysql_session {
 public:
  explicit mysql_session(const probe_limits& limits) : limits_(limits) {
    // mysql_init() does it too, but not when two threads come first.
    static std::once_flag prepared;
    std::call_once(prepared, [] { mysql_library_init(0, nullptr, nullptr); });
    if (mysql_init(&mysql_) == nullptr) return;
    open_ = true;
    const my_bool off = 0;
    const unsigned int no_files = 0;
    const std::size_t packet_max = packet_bytes_max;
    mysql_options(&mysql_, MYSQL_OPT_NONBLOCK, nullptr);
    // A server may ask for any file of this node, unless that is forbidden here.
    mysql_options(&mysql_, MYSQL_OPT_LOCAL_INFILE, &no_files);
    mysql_options(&mysql_, MARIADB_OPT_RESTRICTED_AUTH, ways_to_log_in);
    mysql_options(&mysql_, MYSQL_OPT_RECONNECT, &off);
    mysql_options(&mysql_, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_max);
  }
  mysql_session(const mysql_session&) = delete;
  mysql_session& operator=(const mysql_session&) = delete;
  ~mysql_session() {
    if (!open_) return;
    // Ends at once whatever is under way: freeing a result would read it to its end.
    if (const auto socket = mysql_get_socket(&mysql_); socket >= 0) shutdown(socket, SHUT_RDWR);
    if (result_ != nullptr) mysql_free_result(result_);
    mysql_close(&mysql_);
  }

  [[nodiscard]] bool is_open() const { return open_; }

  bool log_in(const std::string& address, std::uint16_t port, const std::string& user,
              const std::string& password) {
    MYSQL* done = nullptr;
    const bool in_time = run(
        [&] {
          return mysql_real_connect_start(&done, &mysql_, address.c_str(), user.c_str(),
                                          password.c_str(), nullptr, port, nullptr, 0);
        },
        [&](int ready) { return mysql_real_connect_cont(&done, &mysql_, ready); });
    return in_time && done != nullptr;
  }

  bool ask(const std::string& command) {
    int failed = 0;
    const bool in_time = run(
        [&] {
          return mysql_real_query_start(&failed, &mysql_, command.data(),
                                        static_cast<unsigned long>(command.size()));
        },
        [&](int ready) { return mysql_real_query_cont(&failed, &mysql_, ready); });
    return in_time && failed == 0;
  }

  /// The second column of the first row; empty when there is none. False when reading failed.
  bool read_first(std::string& value) {
    result_ = mysql_use_result(&mysql_);
    if (result_ == nullptr) return mysql_field_count(&mysql_) == 0;
    MYSQL_ROW row = nullptr;
    const bool in_time = run([&] { return mysql_fetch_row_start(&row, result_); },
                             [&](int ready) { return mysql_fetch_row_cont(&row, result_, ready); });
    if (!in_time || mysql_errno(&mysql_) != 0) return false;
    if (row != nullptr && mysql_num_fields(result_) > 1 && row[1] != nullptr) value = row[1];
    return true;
  }

  /// What did not come in time; empty when everything did.
  [[nodiscard]] const std::string& late() const { return late_; }
  [[nodiscard]] unsigned int error_number() { return mysql_errno(&mysql_); }
  [[nodiscard]] std::string error_text() { return mysql_error(&mysql_); }

 private:
  template <class Start, class Continue>
  bool run(const Start& start, const Continue& go_on) {
    for (int wanted = start(); wanted != 0;) {
      const auto ready = await(wanted);
      if (!ready) return false;
      connecting_ = false;
      wanted = go_on(*ready);
    }
    return true;
  }

  /// Waits until the socket is as the library wants it; nothing when the time is over.
  std::optional<int> await(int wanted) {
    // First it waits for the connection, unless that stands at once: then for the greeting.
    const bool connects = connecting_ && (wanted & MYSQL_WAIT_READ) == 0;
    const auto limit = connects ? limits_.connect : limits_.answer;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(began_ + limit - clock::now());
    late_ = std::string("no ") + (connects ? "connection" : "answer") + " within " +
            std::to_string(limit.count()) + " ms";
    if (left.count() <= 0) return std::nullopt;
    pollfd at{mysql_get_socket(&mysql_), 0, 0};
    if ((wanted & MYSQL_WAIT_READ) != 0) at.events |= POLLIN;
    if ((wanted & MYSQL_WAIT_WRITE) != 0) at.events |= POLLOUT;
    if ((wanted & MYSQL_WAIT_EXCEPT) != 0) at.events |= POLLPRI;
    const int n = poll(&at, 1, static_cast<int>(left.count()));
    if (n < 0 && errno == EINTR) return await(wanted);
    if (n <= 0) return std::nullopt;
    late_.clear();
    int ready = 0;
    if ((at.revents & (POLLIN | POLLHUP | POLLERR)) != 0) ready |= MYSQL_WAIT_READ;
    if ((at.revents & (POLLOUT | POLLERR)) != 0) ready |= MYSQL_WAIT_WRITE;
    if ((at.revents & POLLPRI) != 0) ready |= MYSQL_WAIT_EXCEPT;
    return ready;
  }

  MYSQL mysql_{};
  MYSQL_RES* result_ = nullptr;
  probe_limits limits_;
  clock::time_point began_ = clock::now();
  bool open_ = false;
  bool connecting_ = true;
  std::string late_;
};

/// A foreign text that ends up in the log and in JSON.
std::string tamed(const std::string& text) {
  auto out = text.substr(0, reason_bytes_max);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

/// This node has no descriptor or memory left.
bool is_local_trouble(unsigned int number) {
  return number == CR_SOCKET_CREATE_ERROR || number == CR_IPSOCK_ERROR ||
         number == CR_OUT_OF_MEMORY;
}

probe_outcome failure_of(mysql_session& s) {
  if (!s.late().empty()) return {probe_verdict::soft_failure, {}, s.late()};
  const auto number = s.error_number();
  const auto text = s.error_text();
  const bool of_connection = number >= CR_MIN_ERROR && number <= CR_MAX_ERROR;
  // One number stands for all that keeps it from connecting; the text holds errno.
  const auto refused = '(' + std::to_string(ECONNREFUSED) + ')';
  if (of_connection && text.find(refused) != std::string::npos) {
    return {probe_verdict::hard_failure, {}, "connection refused"};
  }
  auto verdict = of_connection ? probe_verdict::soft_failure : probe_verdict::hard_failure;
  if (is_local_trouble(number)) verdict = probe_verdict::inconclusive;
  return {verdict, {}, "error " + std::to_string(number) + ": " + tamed(text)};
}

bool is_on(std::string_view value) {
  return value == "ON" || value == "on" || value == "1";
}

probe_outcome talk(const probe_target& target, const std::string& address,
                   const probe_limits& limits) {
  mysql_session s(limits);
  if (!s.is_open()) return {probe_verdict::inconclusive, {}, "out of memory"};
  const auto& c = target.checker;
  if (!s.log_in(address, target.port, c.user, c.password)) return failure_of(s);
  if (c.command.empty()) return {probe_verdict::success, {}, {}};
  std::string value;
  if (!s.ask(c.command) || !s.read_first(value)) return failure_of(s);
  // C.13.2: who follows another server does not serve writes; that may change any moment.
  if (asks_for_read_only(c.command) && is_on(value)) {
    return {probe_verdict::soft_failure, {}, "the server is read-only"};
  }
  return {probe_verdict::success, {}, {}};
}

}  // namespace

probe_outcome probe_mysql(const probe_target& target, const std::string& address,
                          const probe_limits& limits) {
  const auto began = clock::now();
  auto out = talk(target, address, limits);
  out.took = clock::now() - began;
  return out;
}

bool asks_for_read_only(std::string_view command) {
  std::string plain;
  for (const unsigned char c : command) {
    if (std::isspace(c) == 0 && c != ';' && c != '"' && c != '\'') {
      plain += static_cast<char>(std::tolower(c));
    }
  }
  return plain == "showglobalvariableswherevariable_name=read_only";
}

}  // namespace troupe::naming

// password_hasher: turns passwords into bcrypt hashes and compares them, on threads of its own: one
// takes tens of milliseconds by design, which no I/O thread can spare. Knows nothing of users and
// requests. nacos-spec C.9.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe::http {

/// bcrypt looks at no more: a longer password would be cut in silence.
constexpr std::size_t password_bytes_max = 72;

/// Any thread. Bound: `waiting_max` passwords wait; more are refused.
class password_hasher {
 public:
  struct settings {
    std::size_t threads = 2;
    std::size_t waiting_max = 256;
    /// 2^cost rounds; 10 is what Nacos writes.
    unsigned cost = 10;
  };

  explicit password_hasher(settings s);
  password_hasher() : password_hasher(settings{}) {}
  ~password_hasher() { stop(); }
  password_hasher(const password_hasher&) = delete;
  password_hasher& operator=(const password_hasher&) = delete;

  /// Ends the threads; completions that still wait are destroyed uncalled. Idempotent.
  void stop();

  /// False when too many wait, or behind stop(). `done` runs on a thread of the hasher; it hears
  /// nothing when the system has no random numbers or no bcrypt.
  [[nodiscard]] bool hash(std::string password,
                          std::function<void(std::optional<std::string>)> done);
  /// Likewise; whether `hash` was made of the password. `known` is asked when its turn comes, and
  /// true spares the work: of many that ask the same at once the first answers the others.
  [[nodiscard]] bool compare(std::string password, std::string hash, std::function<bool()> known,
                             std::function<void(bool)> done);

 private:
  bool enqueue(std::function<void()> work);
  void run();

  settings settings_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace troupe::http

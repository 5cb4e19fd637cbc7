// exchange: one HTTP request and the way to answer it. What handlers see of HTTP. Knows nothing of
// sockets, connections and who listens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

/// Views into the exchange that holds the request.
struct request {
  std::string_view method;  ///< as sent, e.g. "GET"
  std::string_view path;    ///< of the target, still percent-encoded
  std::string_view query;   ///< of the target, without '?', still percent-encoded
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;

  /// The first header of this name, case-insensitive.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

struct response {
  unsigned status = 200;
  std::string body;
  std::string content_type;  ///< no header when empty
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Held by the handler until it has answered. One that is dropped without an answer is answered
/// with 500, so that a lost callback cannot leave a client waiting for ever.
class exchange {
 public:
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  virtual ~exchange() = default;

  /// Valid as long as the exchange.
  [[nodiscard]] virtual const http::request& request() const = 0;
  /// From any thread. The first call counts, later ones do nothing.
  virtual void respond(response answer) = 0;
  /// Runs `work` on the connection's strand, from any thread; an exception answers 500.
  virtual void post(std::function<void()> work) = 0;

  /// Who asks, as the guard found out; empty when nobody has to say.
  [[nodiscard]] const std::string& user() const { return user_; }
  /// Before the handler runs.
  void set_user(std::string name) { user_ = std::move(name); }

 private:
  std::string user_;
};

using exchange_ptr = std::shared_ptr<exchange>;

}  // namespace troupe::http

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
  std::string_view remote;  ///< address of the other end of the connection, without port

  /// The first header of this name, case-insensitive.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// Address of the client behind whatever proxies there are, as Nacos tells it: the first of
  /// X-Forwarded-For, then X-Real-IP, then `remote`. nacos-spec C.1. Good for display, not for
  /// deciding who may do what.
  [[nodiscard]] std::string_view client_address() const;
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
  /// For requests that wait long: `gone` is called once, on the strand, when the client hangs up or
  /// the connection is closed before the answer. To be asked for on the strand, as handlers run. A
  /// client that has sent its next request already is not watched. Without a connection: never.
  virtual void on_disconnect(std::function<void()> gone) { static_cast<void>(gone); }

  /// Who asks, as the guard found out; empty when nobody has to say.
  [[nodiscard]] const std::string& user() const { return user_; }
  /// Before the handler runs.
  void set_user(std::string name) { user_ = std::move(name); }

 private:
  std::string user_;
};

using exchange_ptr = std::shared_ptr<exchange>;

}  // namespace troupe::http

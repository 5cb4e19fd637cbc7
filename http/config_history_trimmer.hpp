// config_history_trimmer: has the history of configurations forget what is older than it is to be
// kept. nacos-spec C.8.4, E.5. Knows nothing of rows and of requests.
//
// Each node has one; only the one that leads the group proposes, so that a trim happens once. Looks
// once an hour, trims at the first look as leader and then once a day. One proposal at a time: a
// trim erases config::trimmed_rows_max rows, and the next follows its answer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "groups/cluster_view.hpp"

namespace troupe::http {

struct history_retention {
  std::chrono::hours kept{24 * 30};
  std::chrono::milliseconds look_every{3'600'000};
  std::chrono::milliseconds trim_every{86'400'000};
  /// Milliseconds since the epoch.
  std::function<std::uint64_t()> now_ms;
};

class config_history_trimmer : public std::enable_shared_from_this<config_history_trimmer> {
 public:
  /// Runs on `io`, which must outlive what the view's groups still owe, until stop().
  static std::shared_ptr<config_history_trimmer> start(boost::asio::io_context& io,
                                                       std::shared_ptr<cluster_view> view,
                                                       history_retention retention);
  /// From any thread.
  void stop();

 private:
  config_history_trimmer(boost::asio::io_context& io, std::shared_ptr<cluster_view> view,
                         history_retention retention);

  void look();
  void wait();
  void trim(std::uint64_t from_ms, std::uint64_t before_ms);

  std::shared_ptr<cluster_view> view_;
  history_retention retention_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  boost::asio::steady_timer timer_;
  // On the strand:
  std::optional<std::uint64_t> trimmed_ms_;
  bool stopped_ = false;
};

}  // namespace troupe::http

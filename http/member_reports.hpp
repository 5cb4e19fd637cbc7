// member_reports: tells the cluster where this node serves HTTP, and the other servers how its
// groups stand; finds out on the way who is reached. Knows nothing of what is shown of it.
// nacos-spec A.8, C.5.
//
// One request at a time, so that nothing queues: with n other servers each is asked every
// n * interval.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "groups/cluster_view.hpp"
#include "http/server_directory.hpp"

namespace troupe::http {

struct member_report_options {
  raft::node_id node;
  std::string http_address;  ///< host:port that others reach
  /// The header by which servers know each other; an empty name: none.
  std::pair<std::string, std::string> identity;
  std::function<std::uint64_t()> now_ms;
  std::chrono::milliseconds interval{2'000};
  std::chrono::milliseconds patience{3'000};  ///< for an answer
};

class member_reports : public std::enable_shared_from_this<member_reports> {
 public:
  /// Begins at once.
  static std::shared_ptr<member_reports> open(boost::asio::io_context& io,
                                              std::shared_ptr<cluster_view> view,
                                              std::shared_ptr<server_directory> servers,
                                              member_report_options options);
  /// No further request is made. From any thread.
  void stop();

 private:
  member_reports(boost::asio::io_context& io, std::shared_ptr<cluster_view> view,
                 std::shared_ptr<server_directory> servers, member_report_options options);

  void wait();
  void turn();
  void announce();
  void report(const node_status& status);
  void report_to(const known_server& server, std::string body);

  boost::asio::io_context& io_;
  std::shared_ptr<cluster_view> view_;
  std::shared_ptr<server_directory> servers_;
  member_report_options options_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  // On the strand:
  boost::asio::steady_timer timer_;
  raft::node_id last_;  ///< who was reported to
  bool stopped_ = false;
};

}  // namespace troupe::http

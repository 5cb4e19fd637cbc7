// frame_connection: frames over one TCP connection: reads and checks them, writes what it is given,
// notices silence. Used by both ends. Knows nothing of what frames mean; actors that they wake run
// once all that was read is handled (io_scheduler.hpp).
//
// Runs on its socket's strand; send(), try_send() and close() may be called from any thread. A
// malformed frame, a length over the limit, silence or an error closes the connection and changes
// nothing else.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/frame_reader.hpp"
#include "raft/bytes.hpp"

namespace troupe::actors {

using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::strand<boost::asio::io_context::executor_type>>;

struct frame_limits {
  std::uint32_t body_bytes_max = 4096;          ///< raised after the hello
  std::chrono::milliseconds silence_max{5000};  ///< without a byte from the other side
  /// Closed at this time whatever arrives, unless the limits are changed before: a hello that
  /// trickles in byte by byte must not hold a connection.
  std::optional<std::chrono::steady_clock::time_point> until;
};

class frame_connection : public std::enable_shared_from_this<frame_connection> {
 public:
  struct events {
    std::function<void(codec::frame_kind, raft::bytes)> frame;
    std::function<void()> drained;  ///< everything given to send() is with the kernel
    std::function<void(const std::string& why)> closed;  ///< once; nothing follows
  };

  frame_connection(tcp_socket socket, frame_limits limits);

  /// The events keep whatever they capture alive until `closed` was called.
  void start(events on);
  /// Queues complete frames (codec::encode_frame). The caller bounds what it queues by `drained`; a
  /// connection that takes nothing is closed when too much waits.
  void send(std::string frames);
  /// The same, and before this returns where that can be: on a thread of the io_context, while no
  /// other is at work on this connection. `drained` may then have been called, too.
  void send_at_once(std::string frames);
  /// From any thread, with the kernel when this returns. False: frames that were given before wait,
  /// or the connection is closed; then nothing is sent.
  bool try_send(std::string_view frames);
  /// Has `drained` called soon, on the strand: what is queued until then leaves in one write.
  void send_soon();
  void close(std::string why);
  /// Only from within an event.
  void set_limits(frame_limits limits);
  [[nodiscard]] std::string remote() const { return remote_; }

 private:
  void read_more();
  bool take_frames();
  void queue(std::string frames);
  void write_queued();
  [[nodiscard]] bool is_writing();
  void write_rest(std::size_t taken);
  void wrote();
  void tell_drained();
  [[nodiscard]] std::chrono::steady_clock::time_point closes_at() const;
  void watch_silence();
  void finish(const std::string& why);

  tcp_socket socket_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    tcp_socket::executor_type>
      silence_;
  frame_limits limits_;
  events on_;
  std::string remote_;

  codec::frame_reader incoming_;
  std::vector<char> chunk_;

  /// Guards what is written, and `closed_`, which only the strand changes, against try_send().
  std::mutex write_guard_;
  bool closed_ = false;
  /// Far above what a well-behaved sender has queued: it waits for `drained`.
  static constexpr std::size_t queued_bytes_max = 128U << 20U;
  std::size_t queued_bytes_ = 0;
  std::vector<std::string> queued_;
  std::vector<std::string> writing_;
  bool telling_ = false;        ///< `drained` is being called
  bool drained_again_ = false;  ///< and has to be once more
  std::chrono::steady_clock::time_point heard_;
};

}  // namespace troupe::actors

// peer_link: this node's way to one other node, for all groups: batches their messages into frames,
// keeps one connection, carries requests on behalf of clients. Knows nothing of what messages mean.
//
//   accepts  outbound, outbound_encoded   messages for the other node
//            forward_request              answered by the other node
//            link_up, link_down, link_drained, link_replies   from its socket side
//            flush, woken                 from itself and from the ticker
//   sends    frames to its socket; wake_request to the ticker
//   blocks   no
//   bound    queued_bytes_max: beyond it, and while the link is down, messages are dropped and the
//            groups told (they probe again), requests are refused as unreachable (not sent);
//            requests_max unanswered requests
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/messages.hpp"
#include "actors/peer_dialer.hpp"
#include "codec/hello.hpp"

namespace troupe::actors {

struct peer_link_options {
  raft::node_id peer;
  std::string host;
  std::string port;
  codec::hello hello;
  boost::asio::io_context* io = nullptr;
  /// Makes the socket side; when empty, a peer_dialer on `io`.
  std::function<std::unique_ptr<link_socket>(dialer_options, dialer_events)> dial;
  ticker_actor ticker;
  std::shared_ptr<direct_line> line;  ///< beside the link, for whoever has a frame ready
  /// Messages were lost: those of one group, or of all.
  std::function<void(std::optional<raft::group_id>)> lost;
  /// What the other side says of itself and of us; see peer_dialer.
  std::function<bool(const codec::hello_reply&)> accept;
  std::function<void(const codec::hello_reply&)> refused;
  /// The connection was up and is closed now; called after `lost`. Also, from an I/O thread, when
  /// nothing was heard for `suspect_after`, though the connection is still open.
  std::function<void()> gone;
  std::chrono::milliseconds ping_interval{1000};
  std::chrono::milliseconds suspect_after{0};   ///< 0: only a closed connection counts
  std::chrono::milliseconds silence_max{4000};  ///< then the connection is closed
  std::size_t queued_bytes_max = 32U << 20U;
  std::size_t requests_max = 65536;
};

peer_link_actor spawn_peer_link(caf::actor_system& system, peer_link_options options);

}  // namespace troupe::actors

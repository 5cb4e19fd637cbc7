// hello: how the two ends of a connection introduce themselves.
#pragma once

#include <cstdint>
#include <string>

#include "codec/decode_error.hpp"
#include "codec/error.hpp"
#include "raft/bytes.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::codec {

constexpr std::uint32_t protocol_version = 2;

struct hello {
  std::uint32_t protocol = protocol_version;
  std::string cluster;            ///< cluster id; empty from a client that accepts any
  raft::node_id node;             ///< none from a client
  raft::node_id target;           ///< the node that is meant; none from a client
  std::uint64_t incarnation = 0;  ///< start counter of the node
  std::string address;            ///< host:port where the sender accepts peers; empty from a client
  std::uint64_t birth = 0;        ///< names the sender's data directory; 0 from a client
  friend bool operator==(const hello&, const hello&) = default;
};

struct hello_reply {
  error_code code = error_code::ok;  ///< ok, invalid_argument or wiped_node; reason in `message`
  std::string message;
  std::string cluster;
  raft::node_id node;
  std::uint64_t incarnation = 0;
  std::uint64_t birth = 0;
  friend bool operator==(const hello_reply&, const hello_reply&) = default;
};

std::string encode(const hello& h);
std::string encode(const hello_reply& h);
raft::expected<hello, decode_error> decode_hello(std::string_view body);
raft::expected<hello_reply, decode_error> decode_hello_reply(std::string_view body);

}  // namespace troupe::codec

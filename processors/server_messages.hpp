// server_messages: where each node of the cluster serves HTTP, as the nodes themselves announce it:
// peers know each other's peer addresses only. Structs own no texts: those point into what the
// caller holds, or into the bytes that were decoded. Knows nothing of HTTP and of who is up.
// nacos-spec A.8, C.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/decode_error.hpp"
#include "raft/expected.hpp"
#include "raft/types.hpp"

namespace troupe::processors::servers {

constexpr std::size_t address_bytes_max = 256;
constexpr std::size_t version_bytes_max = 64;
/// As many as a group may have members. Node ids are never used again: of more than that the one
/// that announced itself longest ago is gone, and is forgotten.
constexpr std::size_t servers_max = 1'024;

// Verbs are texts in the log: never change.
constexpr std::string_view verb_prefix = "SERVER_";
constexpr std::string_view verb_announce = "SERVER_ANNOUNCE";

struct announcement {
  raft::node_id node;
  std::string_view address;  ///< host:port
  std::string_view version;
  friend bool operator==(const announcement&, const announcement&) = default;
};

struct record {
  std::string_view address;
  std::string_view version;
  raft::log_index announced;  ///< index of the entry
  friend bool operator==(const record&, const record&) = default;
};

std::string encode(const announcement& c);
/// As it stands in the state. On disk.
std::string encode_record(const record& r);

/// Limits are checked here.
raft::expected<announcement, codec::decode_error> decode_command(std::string_view bytes);
raft::expected<record, codec::decode_error> decode_record(std::string_view bytes);

/// Told which servers have announced themselves, in the order of the log. Called by one thread at a
/// time, on a thread of the processor, which must not be held up. begin() says that all of it
/// follows, up to loaded().
class server_observer {
 public:
  server_observer() = default;
  server_observer(const server_observer&) = delete;
  server_observer& operator=(const server_observer&) = delete;
  virtual ~server_observer() = default;

  virtual void begin() = 0;
  virtual void put(raft::node_id node, const record& r) = 0;
  virtual void erased(raft::node_id node) = 0;
  virtual void loaded() = 0;
};

}  // namespace troupe::processors::servers

// The worked example of docs/wire-format.md, frame by frame: the page and the code say the same.
#include <catch2/catch.hpp>

#include "codec/frame.hpp"
#include "codec/group_name.hpp"
#include "codec/hello.hpp"
#include "tests/codec/samples.hpp"

using namespace troupe;
using codec::frame_kind;

namespace {

std::string frame_hex(frame_kind kind, const std::string& body) {
  return samples::to_hex(codec::encode_frame(kind, body));
}

}  // namespace

// On the wire: do not change.
TEST_CASE("the example between two nodes has the documented bytes") {
  codec::hello h;
  h.cluster = "troupe";
  h.node = raft::node_id{1};
  h.target = raft::node_id{2};
  h.incarnation = 3;
  h.address = "127.0.0.1:7101";
  h.birth = 5;
  CHECK(frame_hex(frame_kind::hello, codec::encode(h)) ==
        "547201010000001c0ea4a03f6dbb85e3"
        "9702a674726f757065010203ae3132372e302e302e313a3731303105");

  codec::hello_reply r;
  r.cluster = "troupe";
  r.node = raft::node_id{2};
  r.incarnation = 9;
  r.birth = 6;
  CHECK(frame_hex(frame_kind::hello_reply, codec::encode(r)) ==
        "547201020000000d691169cdbf24c51b"
        "9600a0a674726f757065020906");

  const raft::message append = samples::from_one_to_two(raft::append_request{
      raft::log_index{17}, raft::term{7}, raft::log_index{17}, {samples::make_entry(7, 18, "+1")}});
  CHECK(frame_hex(frame_kind::raft_messages,
                  samples::encoded(append, codec::group_id_of("orders"))) ==
        "54720103000000242489adbcf39414d2"
        "99cf0f4f95cfb44ca77501020701110711919601071202cf5eed3cd7b5fd1c3fc4022b31");

  CHECK(frame_hex(frame_kind::ping, "") == "547201060000000061860d513311e496");
  CHECK(frame_hex(frame_kind::pong, "") == "5472010700000000fbd11777281edd91");
}

TEST_CASE("the example of a client has the documented bytes") {
  CHECK(frame_hex(frame_kind::hello, codec::encode(codec::hello{})) ==
        "54720101000000089a81207f67252f14"
        "9702a0000000a000");

  codec::request propose;
  propose.id = 1;
  propose.group = "orders";
  propose.timeout_ms = 10'000;
  propose.data = raft::bytes(std::string("+1"));
  CHECK(frame_hex(frame_kind::requests, samples::encoded(propose)) ==
        "5472010400000013a0439c1db1278608"
        "970101a66f7264657273cd2710c2c0c4022b31");

  codec::request_reply result;
  result.id = 1;
  result.index = raft::log_index{18};
  result.term = raft::term{7};
  result.data = raft::bytes(std::string("5"));
  CHECK(frame_hex(frame_kind::replies, samples::encoded(result)) ==
        "547201050000000a8606d6abbf553ca0"
        "970100a0a01207c40135");
}

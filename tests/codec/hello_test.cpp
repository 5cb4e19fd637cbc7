// Hellos: how two ends of a connection introduce themselves.
#include "codec/hello.hpp"

#include <catch2/catch.hpp>

#include "codec/frame.hpp"
#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

codec::hello node_hello() {
  codec::hello h;
  h.cluster = "troupe";
  h.node = raft::node_id{1};
  h.target = raft::node_id{2};
  h.incarnation = 3;
  h.address = "127.0.0.1:7101";
  h.birth = 5;
  return h;
}

codec::hello_reply accepted_reply() {
  codec::hello_reply r;
  r.cluster = "troupe";
  r.node = raft::node_id{2};
  r.incarnation = 9;
  r.birth = 6;
  return r;
}

std::string refusal_of(const std::string& body) {
  const auto decoded = codec::decode_hello(body);
  return decoded ? "accepted" : decoded.error().what;
}

}  // namespace

TEST_CASE("hellos of nodes and of clients survive their encoding") {
  CHECK(*codec::decode_hello(codec::encode(node_hello())) == node_hello());
  CHECK(*codec::decode_hello(codec::encode(codec::hello{})) == codec::hello{});
}

TEST_CASE("the answers to a hello survive their encoding") {
  CHECK(*codec::decode_hello_reply(codec::encode(accepted_reply())) == accepted_reply());
  codec::hello_reply refused;
  refused.code = error_code::invalid_argument;
  refused.message = "this is node 2 of cluster troupe";
  CHECK(*codec::decode_hello_reply(codec::encode(refused)) == refused);
}

TEST_CASE("the bytes of a hello are what they have always been") {
  // On the wire: do not change.
  CHECK(samples::to_hex(codec::encode(node_hello())) ==
        "9702a674726f757065010203ae3132372e302e302e313a3731303105");
  CHECK(samples::to_hex(codec::encode(codec::hello{})) == "9702a0000000a000");
  CHECK(samples::to_hex(codec::encode(accepted_reply())) == "9600a0a674726f757065020906");
  CHECK(
      samples::to_hex(codec::encode_frame(codec::frame_kind::hello, codec::encode(node_hello()))) ==
      "547201010000001c0ea4a03f6dbb85e3"
      "9702a674726f757065010203ae3132372e302e302e313a3731303105");
}

TEST_CASE("a hello of a later protocol stays readable, so that the refusal can name the version") {
  const auto later = codec::decode_hello(samples::from_hex("97 03 a0 00 00 00 a0 92 c3 01"));
  REQUIRE(later.has_value());
  CHECK(later->protocol == 3);
  CHECK(refusal_of(samples::from_hex("96 02 a0 00 00 00 a0")) == "hello: 6 fields, must be 7");
}

TEST_CASE("a refused hello names its field and limit") {
  CHECK(refusal_of(samples::from_hex("95 01 a0 00 00 00")) == "hello: 5 elements, must be 6 to 32");
  CHECK(refusal_of(samples::from_hex("96 01 01 00 00 00 a0")) ==
        "hello.cluster: must be a text, is a number");
  CHECK(refusal_of(samples::from_hex("96 cf0000000100000000 a0 00 00 00 a0")) ==
        "hello.protocol: 4294967296, at most 4294967295");
  CHECK(refusal_of(samples::from_hex("96 01 d981") + std::string(129, 'c') +
                   samples::from_hex("00 00 00 a0")) == "hello.cluster: 129 bytes, at most 128");
  CHECK(refusal_of(codec::encode(node_hello()) + "x") ==
        "hello: msgpack: 1 bytes behind the object");
  CHECK(codec::decode_hello_reply(samples::from_hex("96 14 a0 a0 00 00 00")).error().what ==
        "hello_reply.code: 20 is no error code");
}

TEST_CASE("the longest hello fits the limit of its frame") {
  codec::hello h = node_hello();
  h.cluster.assign(500, 'c');
  h.address.assign(500, 'a');
  codec::hello_reply r = accepted_reply();
  r.message.assign(50'000, 'm');
  CHECK(codec::encode(h).size() <= codec::hello_body_bytes_max);
  CHECK(codec::encode(r).size() <= codec::hello_body_bytes_max);
  CHECK(codec::decode_hello_reply(codec::encode(r))->message.size() == 4096);
}

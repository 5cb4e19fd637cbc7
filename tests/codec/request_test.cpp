// Requests and replies, group names and error codes: what clients and nodes say to each other.
#include <catch2/catch.hpp>

#include "codec/group_name.hpp"
#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

std::string refusal_of(const std::string& body) {
  const auto decoded = codec::decode_requests(raft::bytes(body));
  return decoded ? "accepted" : decoded.error().what;
}

}  // namespace

TEST_CASE("requests survive their encoding, any number in a body") {
  std::vector<codec::request> requests(3, samples::sample_request());
  requests[1] = {0, codec::request_kind::members, "", 1, false, std::nullopt, raft::bytes()};
  requests[2].kind = codec::request_kind::query_local;
  requests[2].expected_term = raft::term{0};
  std::string body;
  for (const auto& r : requests) {
    codec::append_request(r, body);
  }
  const auto decoded = codec::decode_requests(raft::bytes(body));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == requests);
  CHECK(codec::decode_requests(raft::bytes())->empty());
}

TEST_CASE("replies survive their encoding, any number in a body") {
  std::vector<codec::request_reply> replies(2, samples::sample_reply());
  replies[1] = {};
  std::string body;
  for (const auto& r : replies) {
    codec::append_reply(r, body);
  }
  const auto decoded = codec::decode_replies(raft::bytes(body));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == replies);
}

TEST_CASE("the bytes of requests, replies and members are what they have always been") {
  // On the wire: do not change.
  CHECK(samples::to_hex(samples::encoded(samples::sample_request())) ==
        "972a01a66f7264657273cd09c4c307c407636f6d6d616e64");
  CHECK(samples::to_hex(samples::encoded(samples::sample_reply())) ==
        "972a02ae61736b20746865206c6561646572ad31302e302e302e323a37313031"
        "0c07c406726573756c74");
  CHECK(samples::to_hex(codec::encode_members(
            {{raft::node_id{1}, "127.0.0.1:7101"}, {raft::node_id{300}, "[::1]:7102"}})) ==
        "929201ae3132372e302e302e313a3731303192cd012caa5b3a3a315d3a37313032");
}

TEST_CASE("data of decoded requests and replies lies in the received buffer") {
  raft::bytes body(samples::encoded(samples::sample_request()));
  const char* const begin = body.view().data();
  const char* const end = begin + body.size();
  const auto decoded = codec::decode_requests(body);
  body = raft::bytes();
  CHECK(decoded->front().data.view().data() > begin);
  CHECK(decoded->front().data.view().data() < end);
  CHECK(decoded->front().data.view() == "command");
}

TEST_CASE("a refused request is told by its position, field and limit") {
  using samples::from_hex;
  const std::string good = samples::encoded(samples::sample_request());
  CHECK(refusal_of(good + from_hex("97 01 09 a0 01 c2 c0 c400")) ==
        "request 1: request.kind: 9, at most 8");
  CHECK(refusal_of(from_hex("97 01 00 a0 01 c2 c0 c400")) ==
        "request 0: request.kind: must not be 0");
  CHECK(refusal_of(from_hex("97 01 01 a0 00 c2 c0 c400")) ==
        "request 0: request.timeout_ms: must not be 0");
  CHECK(refusal_of(from_hex("97 01 01 a0 01 c2 c2 c400")) ==
        "request 0: request.expected_term: must be a number, is a boolean");
  CHECK(
      refusal_of(from_hex("97 01 01 da0101") + std::string(257, 'g') + from_hex("01 c2 c0 c400")) ==
      "request 0: request.group: 257 bytes, at most 256");
  CHECK(refusal_of(from_hex("9a 01 01 01 01 01 01 01 01 01 01")) ==
        "request 0: msgpack: more than 8 values in one object is not allowed");
  CHECK(
      codec::decode_replies(raft::bytes(from_hex("97 01 cd0100 a0 a0 00 00 c400"))).error().what ==
      "reply 0: reply.code: 256 is no error code");
}

TEST_CASE("a request whose time ran out on the way is sent with its last millisecond") {
  codec::request r = samples::sample_request();
  r.timeout_ms = 0;
  CHECK(codec::decode_requests(raft::bytes(samples::encoded(r)))->front().timeout_ms == 1);
}

TEST_CASE("an error's text is cut to its limit between two characters") {
  codec::request_reply r = samples::sample_reply();
  r.message = std::string(4'095, 'x') + "\xc3\xa9";  // the limit falls inside the last character
  const auto decoded = codec::decode_replies(raft::bytes(samples::encoded(r)));
  REQUIRE(decoded.has_value());
  CHECK(decoded->front().message == std::string(4'095, 'x'));
}

TEST_CASE("a list of members survives its encoding") {
  const std::vector<codec::member_address> members = {{raft::node_id{1}, "127.0.0.1:7101"},
                                                      {raft::node_id{2}, "node-2.local:7101"}};
  CHECK(*codec::decode_members(codec::encode_members(members)) == members);
  CHECK(codec::decode_members(codec::encode_members({}))->empty());
  CHECK(codec::decode_members(samples::from_hex("91 93 01 a0 a0")).error().what ==
        "member: 3 elements, must be 2 to 2");
}

TEST_CASE("a group name is a letter, then letters, digits, underscores or dashes, 1 to 64 bytes") {
  for (const char* name : {"a", "Z", "orders", "a-b_c9", "x0"}) {
    CHECK(codec::is_valid_group_name(name));
  }
  CHECK(codec::is_valid_group_name(std::string(64, 'a')));
  CHECK_FALSE(codec::is_valid_group_name(std::string(65, 'a')));
  for (const char* name : {"", "9a", "_a", "-a", "a b", "a.b", "a/b", "\xc3\xa9", "a\n"}) {
    CHECK_FALSE(codec::is_valid_group_name(name));
  }
  CHECK_FALSE(codec::is_valid_group_name(std::string("a\0b", 3)));
}

TEST_CASE("a group's id is the hash of its name that it has always been") {
  // On disk: do not change. The second one is the published XXH64 of "a".
  CHECK(codec::group_id_of("orders").value() == 0x0f4f95cfb44ca775);
  CHECK(codec::group_id_of("a").value() == 0xd24ec4f1a98c6e5b);
}

TEST_CASE("every error code has its name, and no other number has one") {
  int named = 0;
  for (int code = 0; code < 1'000; ++code) {
    named += name_of(static_cast<error_code>(code)).empty() ? 0 : 1;
  }
  CHECK(named == 21);
  CHECK(name_of(error_code::not_leader) == "not_leader");
  CHECK(name_of(error_code::outcome_unknown) == "outcome_unknown");
  CHECK(is_retriable(error_code::overloaded));
  CHECK_FALSE(is_retriable(error_code::outcome_unknown));
  CHECK_FALSE(is_retriable(error_code::ok));
}

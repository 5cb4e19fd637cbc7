#include <catch2/catch.hpp>

#include "codec/membership.hpp"
#include "samples.hpp"

using namespace troupe;
using raft::node_id;

TEST_CASE("an address book survives, and its bytes are what they have always been") {
  const codec::address_book book{{node_id{1}, "127.0.0.1:7101", 0}, {node_id{4}, "h:1", 77}};
  const auto record = codec::encode_book(book);
  // On disk: do not change.
  CHECK(samples::to_hex(record) == "929301ae3132372e302e302e313a37313031009304a3683a314d");
  const auto decoded = codec::decode_book(record);
  REQUIRE(decoded.has_value());
  CHECK(*decoded == book);
}

TEST_CASE("a membership request survives") {
  const codec::membership_request wanted{
      raft::joint_transition::explicit_leave,
      {{raft::change_kind::add_learner, node_id{4}, "127.0.0.1:7104"},
       {raft::change_kind::remove, node_id{1}, ""}}};
  const auto decoded = codec::decode_change(codec::encode_change(wanted));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == wanted);
}

TEST_CASE("a refused membership record names its field") {
  const auto book = [](std::string_view hex) {
    const auto decoded = codec::decode_book(samples::from_hex(hex));
    return decoded ? std::string("accepted") : decoded.error().what;
  };
  const auto change = [](std::string_view hex) {
    const auto decoded = codec::decode_change(samples::from_hex(hex));
    return decoded ? std::string("accepted") : decoded.error().what;
  };
  CHECK(book("91 92 01 a0") == "book.member: 2 elements, must be 3 to 3");
  CHECK(book("91 93 01 c0 00").find("book.member.address") == 0);
  CHECK(change("92 03 90") == "change.transition: 3, at most 2");
  CHECK(change("92 00 91 93 04 01 a0") == "change.member.kind: 4, at most 3");
  CHECK(change("92 00 91 93 00 00 a0") == "change.member.id: must not be 0");
  CHECK(change("90").find("change: 0 elements") == 0);
}

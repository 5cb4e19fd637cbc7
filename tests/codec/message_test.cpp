// Messages between members: what goes in comes out, and the bytes stay what they are.
#include <catch2/catch.hpp>

#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

bool same(const raft::message& a, const raft::message& b) {
  if (a.from != b.from || a.to != b.to || a.term != b.term || a.body.index() != b.body.index()) {
    return false;
  }
  if (const auto* left = std::get_if<raft::append_request>(&a.body)) {
    const auto& right = std::get<raft::append_request>(b.body);
    // Entries get their checksum when they are encoded, so equal entries may differ in it alone.
    const auto same_entry = [](const raft::entry_ptr& x, const raft::entry_ptr& y) {
      return x->term == y->term && x->index == y->index && x->type == y->type &&
             x->data == y->data && x->peers == y->peers;
    };
    return left->previous_index == right.previous_index &&
           left->previous_term == right.previous_term && left->commit == right.commit &&
           std::equal(left->entries.begin(), left->entries.end(), right.entries.begin(),
                      right.entries.end(), same_entry);
  }
  return std::visit(
      [&b]<class Body>(const Body& left) {
        if constexpr (std::is_same_v<Body, raft::append_request>) {
          return true;
        } else {
          return left == std::get<Body>(b.body);
        }
      },
      a.body);
}

}  // namespace

TEST_CASE("every message survives its encoding") {
  for (const raft::message& m : samples::every_message()) {
    const auto decoded = codec::decode_messages(raft::bytes(samples::encoded(m)));
    REQUIRE(decoded.has_value());
    REQUIRE(decoded->size() == 1);
    CHECK(decoded->front().group == raft::group_id{77});
    CHECK(same(decoded->front().message, m));
    CHECK(samples::encoded(decoded->front().message) == samples::encoded(m));
  }
}

// Entries and configurations: one form on the wire and on disk, guarded by a checksum.
#include <catch2/catch.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/codec/samples.hpp"

using namespace troupe;

namespace {

std::string big_endian(std::uint64_t n) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(n >> shift);
  }
  return bytes;
}

// As docs/wire-format.md defines it, written once more without the codec.
std::uint64_t documented_checksum(const raft::entry& e) {
  std::string covered = big_endian(e.term.value()) + big_endian(e.index.value());
  covered += static_cast<char>(e.type);
  covered += big_endian(XXH3_64bits(e.data.view().data(), e.data.size()));
  if (e.peers) {
    covered += codec::encode_configuration(*e.peers);
  }
  return XXH3_64bits(covered.data(), covered.size());
}

std::string refusal_of(const std::string& record) {
  const auto decoded = codec::decode_entry(raft::bytes(record));
  return decoded ? "accepted" : decoded.error().what;
}

}  // namespace

TEST_CASE("every type of entry survives its encoding and comes back with its checksum") {
  for (const auto& e : {samples::no_op_entry(6, 11), samples::make_entry(7, 12, "payload"),
                        samples::configuration_entry(7, 13)}) {
    const auto decoded = codec::decode_entry(raft::bytes(codec::encode_entry(*e)));
    REQUIRE(decoded.has_value());
    raft::entry expected = *e;
    expected.checksum = codec::checksum_of(*e);
    CHECK(**decoded == expected);
    CHECK(codec::encode_entry(**decoded) == codec::encode_entry(*e));
  }
}

TEST_CASE("the bytes of an entry are what they have always been") {
  // On the wire and on disk: do not change.
  CHECK(samples::to_hex(codec::encode_entry(*samples::no_op_entry(6, 11))) ==
        "9601060b01cfe8408bbd8b72ec9ac400");
  CHECK(samples::to_hex(codec::encode_entry(*samples::make_entry(7, 12, "payload"))) ==
        "9601070c02cf5ea5d11b38ccf134c4077061796c6f6164");
  CHECK(samples::to_hex(codec::encode_entry(*samples::configuration_entry(7, 13))) ==
        "9701070d03cf8aa168e9d5821f8bc40377687995930102cd012c9201ce00011170910991ce00011170c3");
}

TEST_CASE("the checksum of an entry is the documented one and covers every field") {
  raft::entry e = *samples::configuration_entry(7, 13);
  CHECK(codec::checksum_of(e) == documented_checksum(e));
  CHECK(codec::checksum_of(*samples::make_entry(7, 12, "payload")) == 0x5ea5d11b38ccf134);

  const std::uint64_t before = codec::checksum_of(e);
  const auto changed = [&](auto change) {
    raft::entry other = e;
    change(other);
    return codec::checksum_of(other) != before;
  };
  CHECK(changed([](raft::entry& o) { o.term = raft::term{8}; }));
  CHECK(changed([](raft::entry& o) { o.index = raft::log_index{14}; }));
  CHECK(changed([](raft::entry& o) { o.type = raft::entry_type::data; }));
  CHECK(changed([](raft::entry& o) { o.data = raft::bytes(std::string("whz")); }));
  CHECK(changed([](raft::entry& o) { o.data = raft::bytes(); }));
  CHECK(changed([](raft::entry& o) { o.peers->auto_leave = false; }));
  CHECK(changed([](raft::entry& o) { o.peers->voters.pop_back(); }));
  CHECK(changed([](raft::entry& o) { o.peers.reset(); }));
  CHECK_FALSE(changed([](raft::entry& o) { o.checksum = 1; }));
}

TEST_CASE("an entry keeps the checksum that it came with") {
  raft::entry e = *samples::make_entry(7, 12, "payload");
  e.checksum = 99;  // as if memory had been damaged between the socket and here
  CHECK(refusal_of(codec::encode_entry(e)) ==
        "entry.checksum: does not match the entry at index 12");
}

TEST_CASE("an entry with any bit flipped is refused") {
  for (const auto& e : {samples::no_op_entry(6, 11), samples::make_entry(7, 12, "payload"),
                        samples::configuration_entry(7, 13)}) {
    const std::string record = codec::encode_entry(*e);
    for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
      INFO("bit " << bit);
      CHECK(refusal_of(samples::with_flipped_bit(record, bit)) != "accepted");
    }
  }
}

TEST_CASE("an entry cut short or with bytes behind it is refused") {
  const std::string record = codec::encode_entry(*samples::configuration_entry(7, 13));
  for (std::size_t size = 0; size < record.size(); ++size) {
    CHECK(refusal_of(record.substr(0, size)) == "entry: msgpack: truncated");
  }
  CHECK(refusal_of(record + '\0') == "entry: msgpack: 1 bytes behind the object");
}

TEST_CASE("an entry of another version is refused by that") {
  std::string record = codec::encode_entry(*samples::make_entry(7, 12, "payload"));
  record[1] = 2;
  CHECK(refusal_of(record) == "entry.version: must be 1");
}

TEST_CASE("only configuration entries carry a configuration, and they must") {
  raft::entry e = *samples::configuration_entry(7, 13);
  e.type = raft::entry_type::data;
  CHECK(refusal_of(codec::encode_entry(e)) ==
        "entry.peers: must stand in configuration entries and in no others");
  e = *samples::make_entry(7, 13, "");
  e.type = raft::entry_type::configuration;
  CHECK(refusal_of(codec::encode_entry(e)) ==
        "entry.peers: must stand in configuration entries and in no others");
}

TEST_CASE("the payload of an entry from disk lies in the record that was read") {
  raft::bytes record(codec::encode_entry(*samples::make_entry(7, 12, "payload")));
  const char* const begin = record.view().data();
  const char* const end = begin + record.size();
  const auto decoded = codec::decode_entry(record);
  record = raft::bytes();
  REQUIRE(decoded.has_value());
  CHECK((*decoded)->data.view().data() > begin);
  CHECK((*decoded)->data.view().data() < end);
  CHECK((*decoded)->data.view() == "payload");
}

TEST_CASE("a configuration survives its encoding") {
  for (const auto& c : {raft::configuration{}, samples::joint_configuration()}) {
    const auto decoded = codec::decode_configuration(codec::encode_configuration(c));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == c);
  }
  // On the wire and on disk: do not change.
  CHECK(samples::to_hex(codec::encode_configuration(samples::joint_configuration())) ==
        "95930102cd012c9201ce00011170910991ce00011170c3");
}

TEST_CASE("a configuration that breaks the promises of its type is refused") {
  const auto refusal = [](const raft::configuration& c) {
    const auto decoded = codec::decode_configuration(codec::encode_configuration(c));
    return decoded ? "accepted" : decoded.error().what;
  };
  const auto voters = [](std::vector<raft::node_id> nodes) {
    raft::configuration c;
    c.voters = std::move(nodes);
    return c;
  };
  using raft::node_id;
  const std::string disorder = "configuration.voters: must be ascending and without 0";
  CHECK(refusal(voters({node_id{2}, node_id{1}})) == disorder);
  CHECK(refusal(voters({node_id{1}, node_id{1}})) == disorder);
  CHECK(refusal(voters({node_id{0}})) == disorder);
  std::vector<node_id> many;
  for (std::uint64_t i = 1; i <= codec::configuration_nodes_max; ++i) {
    many.push_back(node_id{i});
  }
  CHECK(refusal(voters(many)) == "accepted");
  many.push_back(node_id{codec::configuration_nodes_max + 1});
  CHECK(refusal(voters(many)) == "configuration.voters: 1025 elements, must be 0 to 1024");
}

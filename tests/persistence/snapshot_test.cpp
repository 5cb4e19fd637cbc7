// A snapshot as files: what is accepted as one, and what is not. How a store writes and takes them
// is in snapshot_install_test.cpp.
#include "persistence/snapshot.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "persistence/durable_file.hpp"
#include "persistence/sealed_record.hpp"
#include "tests/persistence/log_fixture.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;
using raft::term;

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::string content_of(std::size_t bytes, char first) {
  std::string text(bytes, first);
  for (std::size_t i = 0; i < bytes; i += 97) {
    text[i] = static_cast<char>(i);
  }
  return text;
}

/// Two files, the first longer than the block of a checksum.
struct small_snapshot {
  scratch_directory directory;
  std::string path = directory.path() + "/whole";
  std::string first = content_of((1U << 20U) + 500, 'a');
  std::string second = content_of(300, 'b');
  snapshot_manifest manifest;

  small_snapshot() {
    std::filesystem::create_directories(path);
    write_file(path + "/1.sst", first);
    write_file(path + "/2.sst", second);
    manifest.group = raft::group_id{7};
    manifest.point = {log_index{9}, term{3}, voters_of({1, 2})};
    manifest.files = {{"1.sst", first.size(), *checksum_of_file(path + "/1.sst")},
                      {"2.sst", second.size(), *checksum_of_file(path + "/2.sst")}};
    write_file(manifest_path(path), encode_manifest(manifest));
  }
  [[nodiscard]] snapshot_receiver receive() const {
    return *snapshot_receiver::begin(directory.path() + "/copy", manifest);
  }
};

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15U]);
  }
  return out;
}

TEST_CASE("snapshot: the bytes of a manifest (on disk and on the wire: do not change)") {
  const snapshot_manifest m{
      raft::group_id{7}, {log_index{9}, term{3}, voters_of({1, 2})}, {{"1.sst", 0x1122, 0xaabb}}};
  CHECK(hex(encode_manifest(m)) ==
        "0000000000000007"
        "0000000000000009"
        "0000000000000003"
        "0000000895920102909090c2"
        "00000001"
        "05312e737374"
        "0000000000001122"
        "000000000000aabb"
        "1493c3be757cec00");
  CHECK(decode_manifest(encode_manifest(m)).value() == m);
}

TEST_CASE("snapshot: a manifest that is damaged or cut anywhere is refused") {
  const small_snapshot s;
  const auto good = encode_manifest(s.manifest);
  REQUIRE(decode_manifest(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    CHECK_FALSE(decode_manifest(good.substr(0, i)));
    auto other = good;
    other[i] = static_cast<char>(other[i] ^ 16);
    CHECK_FALSE(decode_manifest(other));
  }
  CHECK_FALSE(decode_manifest(good + "x"));
}

/// Sealed as an honest exporter would, so that only the limits are left to refuse it.
std::string refusal_of(const snapshot_manifest& m) {
  const auto decoded = decode_manifest(encode_manifest(m));
  return decoded ? std::string("accepted") : decoded.error().message();
}

TEST_CASE("snapshot: a manifest that no exporter writes is refused, and the text names the field") {
  const small_snapshot s;
  for (const std::string name :
       {"", ".", "..", "../1.sst", "/1.sst", "a/b", "manifest", ".hidden", "1.SST", "a b", "x\n"}) {
    auto m = s.manifest;
    m.files[1].name = name;
    CHECK(refusal_of(m).find("its name or size") != std::string::npos);
  }
  auto m = s.manifest;
  m.files[1].name = std::string(65, 'x');
  CHECK(refusal_of(m).find("its name or size") != std::string::npos);
  m = s.manifest;
  m.files[1].name = m.files[0].name;
  CHECK(refusal_of(m).find("its name or size") != std::string::npos);
  m = s.manifest;
  m.files[0].bytes = UINT64_MAX;
  CHECK(refusal_of(m).find("its name or size") != std::string::npos);
  m = s.manifest;
  m.files.assign(snapshot_files_max + 1, {"x", 1, 1});
  CHECK(refusal_of(m).find("at most 4096") != std::string::npos);
  for (const auto spoil : {+[](snapshot_manifest& x) { x.group = {}; },
                           +[](snapshot_manifest& x) { x.point.index = {}; },
                           +[](snapshot_manifest& x) { x.point.term = {}; }}) {
    m = s.manifest;
    spoil(m);
    CHECK(refusal_of(m).find("not in the form") != std::string::npos);
  }
}

TEST_CASE("snapshot: bytes that are sealed but no manifest are refused without harm") {
  std::mt19937_64 chance(7);
  const small_snapshot s;
  const auto good = encode_manifest(s.manifest);
  const auto body = good.substr(0, good.size() - 8);
  for (int round = 0; round < 3000; ++round) {
    auto other = body.substr(0, chance() % (body.size() + 1));
    for (auto changes = chance() % 4; changes > 0 && !other.empty(); --changes) {
      other[chance() % other.size()] = static_cast<char>(chance());
    }
    const auto decoded = decode_manifest(seal("troupe snapshot 1", other));
    if (decoded) {
      CHECK(decode_manifest(encode_manifest(*decoded)).value() == *decoded);
    }
  }
}

TEST_CASE("snapshot: what is read in parts is put together again") {
  const small_snapshot s;
  const auto reader = snapshot_reader::open(s.path);
  REQUIRE(reader);
  REQUIRE(reader->verify().ok());
  auto receiver = s.receive();
  for (const auto& file : reader->manifest().files) {
    for (std::uint64_t offset = 0; offset < file.bytes;) {
      const auto bytes = reader->read(file.name, offset, 100'000);
      REQUIRE(bytes);
      REQUIRE(receiver.chunk(file.name, offset, *bytes).ok());
      offset += bytes->size();
    }
    CHECK_FALSE(reader->read(file.name, file.bytes, 10));
  }
  REQUIRE(receiver.finish().ok());
  const auto copy = snapshot_reader::open(s.directory.path() + "/copy");
  REQUIRE(copy);
  CHECK(copy->manifest() == s.manifest);
  CHECK(copy->verify().ok());
  CHECK(*read_file(s.directory.path() + "/copy/1.sst") == s.first);
}

TEST_CASE("snapshot: a reader reads nothing but the files of the manifest") {
  const small_snapshot s;
  write_file(s.directory.path() + "/secret", "secret");
  const auto reader = *snapshot_reader::open(s.path);
  for (const std::string name : {"../secret", "manifest", "", "3.sst"}) {
    CHECK_FALSE(reader.read(name, 0, 10));
  }
}

TEST_CASE("snapshot: a part that is not the next one is refused") {
  const small_snapshot s;
  const auto refused = [&](const std::string& file, std::uint64_t offset,
                           const std::string& bytes) {
    auto receiver = s.receive();
    REQUIRE(receiver.chunk("1.sst", 0, s.first.substr(0, 100)).ok());
    const auto taken = receiver.chunk(file, offset, bytes);
    return taken.code() == status_code::corrupt;
  };
  CHECK(refused("1.sst", 101, s.first.substr(101, 10)));    // a gap
  CHECK(refused("1.sst", 50, s.first.substr(50, 100)));     // an overlap
  CHECK(refused("1.sst", 0, s.first.substr(0, 100)));       // once more
  CHECK(refused("1.sst", 100, ""));                         // nothing
  CHECK(refused("1.sst", 100, s.first.substr(100) + "x"));  // too much
  CHECK(refused("2.sst", 0, s.second));                     // before the first is whole
  CHECK(refused("3.sst", 0, "x"));                          // unknown
  CHECK(refused("../copy/1.sst", 100, "x"));
  CHECK_FALSE(refused("1.sst", 100, s.first.substr(100)));
}

TEST_CASE("snapshot: a transfer that ends early, or with other bytes, gives no snapshot") {
  const small_snapshot s;
  const auto copy = s.directory.path() + "/copy";
  auto early = s.receive();
  REQUIRE(early.chunk("1.sst", 0, s.first).ok());
  CHECK(early.finish().code() == status_code::corrupt);
  CHECK_FALSE(snapshot_reader::open(copy));
  auto other = s.receive();
  REQUIRE(other.chunk("1.sst", 0, s.first).ok());
  auto damaged = s.second;
  damaged[17] = static_cast<char>(damaged[17] ^ 1);
  REQUIRE(other.chunk("2.sst", 0, damaged).ok());
  const auto refused = other.finish();
  CHECK(refused.code() == status_code::corrupt);
  CHECK(refused.message().find("2.sst") != std::string::npos);
  CHECK_FALSE(snapshot_reader::open(copy));  // what has no manifest is no snapshot
}

TEST_CASE("snapshot: a second transfer begins anew in the place of the first") {
  const small_snapshot s;
  auto first = s.receive();
  REQUIRE(first.chunk("1.sst", 0, s.first.substr(0, 1000)).ok());
  auto second = s.receive();
  REQUIRE(second.chunk("1.sst", 0, s.first).ok());
  REQUIRE(second.chunk("2.sst", 0, s.second).ok());
  CHECK(second.finish().ok());
}

TEST_CASE("snapshot: a file that changed, grew, shrank or is gone is noticed") {
  const small_snapshot s;
  const auto reader = *snapshot_reader::open(s.path);
  const auto spoilt = [&](const std::string& text) {
    write_file(s.path + "/1.sst", text);
    const auto found = reader.verify();
    write_file(s.path + "/1.sst", s.first);
    REQUIRE(reader.verify().ok());
    return found.code() == status_code::corrupt &&
           found.message().find("1.sst") != std::string::npos;
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{1} << 20U, s.first.size() - 1}) {
    auto other = s.first;
    other[at] = static_cast<char>(other[at] ^ 1);
    CHECK(spoilt(other));
  }
  CHECK(spoilt(s.first + "x"));
  CHECK(spoilt(s.first.substr(1)));
  CHECK(spoilt(""));
  std::filesystem::remove(s.path + "/2.sst");
  CHECK(reader.verify().code() == status_code::corrupt);
}

}  // namespace
}  // namespace troupe::persistence

// A directory belongs to one process of one node of one cluster, and says so in words.
#include "persistence/data_directory.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

const data_identity wanted{"prod", raft::node_id{3}};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_content(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool says(const status& s, const std::string& part) {
  INFO(s.message());
  const bool found = s.message().find(part) != std::string::npos;
  CHECK(found);
  return found;
}

status failure_of(const std::string& path, const data_identity& id) {
  const auto opened = data_directory::open(path, id);
  REQUIRE_FALSE(opened);
  return opened.error();
}

TEST_CASE("directory: it is created with its parents, and each start raises the incarnation") {
  const scratch_directory scratch;
  const std::string path = scratch.path() + "/a/b/data";
  for (std::uint64_t start = 1; start <= 3; ++start) {
    const auto opened = data_directory::open(path, wanted);
    REQUIRE(opened);
    CHECK((*opened)->incarnation() == start);
    CHECK((*opened)->log_path() == path + "/log");
  }
}

TEST_CASE("directory: snapshots that were on their way are gone at the next start") {
  const scratch_directory scratch;
  const auto half = [&] {
    const auto opened = data_directory::open(scratch.path(), wanted);
    REQUIRE(opened);
    return (*opened)->snapshots_path() + "/incoming/7-1";
  }();
  std::filesystem::create_directories(half);
  write_content(half + "/1.sst", "half of a table");
  const auto again = data_directory::open(scratch.path(), wanted);
  REQUIRE(again);
  CHECK_FALSE(std::filesystem::exists((*again)->snapshots_path()));
}

TEST_CASE("directory: a second opener is refused as locked, and told what to do") {
  const scratch_directory scratch;
  const auto first = data_directory::open(scratch.path(), wanted);
  REQUIRE(first);
  const auto refused = failure_of(scratch.path(), wanted);
  CHECK(refused.code() == status_code::locked);
  says(refused, scratch.path());
  says(refused, "another trouped uses");
  says(refused, "--data-dir");
  CHECK((*first)->incarnation() == 1);
}

TEST_CASE("directory: another cluster or node is refused, and the text names found and wanted") {
  const scratch_directory scratch;
  REQUIRE(data_directory::open(scratch.path(), wanted));
  const auto cluster = failure_of(scratch.path(), {"test", raft::node_id{3}});
  CHECK(cluster.code() == status_code::mismatch);
  says(cluster, "'prod'");
  says(cluster, "'test'");
  says(cluster, scratch.path());
  const auto node = failure_of(scratch.path(), {"prod", raft::node_id{4}});
  CHECK(node.code() == status_code::mismatch);
  says(node, "node 3");
  says(node, "as 4");
  const auto again = data_directory::open(scratch.path(), wanted);
  REQUIRE(again);
  CHECK((*again)->incarnation() == 2);
}

TEST_CASE("directory: another format version is refused as mismatch, not as damage") {
  const scratch_directory scratch;
  REQUIRE(data_directory::open(scratch.path(), wanted));
  auto text = content_of(scratch.path() + "/identity");
  text.replace(text.find("format=2"), 8, "format=3");
  write_content(scratch.path() + "/identity", text);
  const auto refused = failure_of(scratch.path(), wanted);
  CHECK(refused.code() == status_code::mismatch);
  says(refused, "format version 3");
  says(refused, "reads version 2");
}

TEST_CASE("directory: a damaged identity is refused at every byte") {
  const scratch_directory scratch;
  REQUIRE(data_directory::open(scratch.path(), wanted));
  const std::string path = scratch.path() + "/identity";
  const auto text = content_of(path);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    write_content(path, damaged);
    const auto code = failure_of(scratch.path(), wanted).code();
    CHECK((code == status_code::corrupt || code == status_code::mismatch));
    write_content(path, text.substr(0, i));
    CHECK(failure_of(scratch.path(), wanted).code() == status_code::corrupt);
  }
  write_content(path, text);
  CHECK(data_directory::open(scratch.path(), wanted));
}

TEST_CASE("directory: data without an identity is refused, lest a wiped node votes again") {
  const scratch_directory scratch;
  std::filesystem::create_directory(scratch.path() + "/log");
  const auto refused = failure_of(scratch.path(), wanted);
  CHECK(refused.code() == status_code::corrupt);
  says(refused, "/identity is missing");
}

TEST_CASE("directory: a temporary file left by a crash does no harm") {
  const scratch_directory scratch;
  REQUIRE(data_directory::open(scratch.path(), wanted));
  write_content(scratch.path() + "/identity.new", "half a fi");
  const auto opened = data_directory::open(scratch.path(), wanted);
  REQUIRE(opened);
  CHECK((*opened)->incarnation() == 2);
}

TEST_CASE("directory: a path that cannot be one is refused with path and reason") {
  const scratch_directory scratch;
  write_content(scratch.path() + "/file", "");
  const auto refused = failure_of(scratch.path() + "/file", wanted);
  CHECK(refused.code() == status_code::io_error);
  says(refused, scratch.path() + "/file");
  CHECK(failure_of(scratch.path() + "/file/below", wanted).code() == status_code::io_error);
}

TEST_CASE("directory: the identity file, byte for byte (on disk: do not change)") {
  const scratch_directory scratch;
  const std::string known =
      "# troupe data directory, written at each start; do not edit\n"
      "format=2\n"
      "cluster=prod\n"
      "node=3\n"
      "birth=77\n"
      "incarnation=1\n";
  write_content(scratch.path() + "/identity", known + "checksum=98ba04fffc3eccf6\n");
  const auto opened = data_directory::open(scratch.path(), wanted);
  REQUIRE(opened);
  CHECK((*opened)->birth() == 77);
  auto raised = known;
  raised.replace(raised.find("incarnation=1"), 13, "incarnation=2");
  CHECK(content_of(scratch.path() + "/identity").starts_with(raised + "checksum="));
}

TEST_CASE("directory: its birth is drawn once") {
  const scratch_directory one;
  const scratch_directory other;
  std::uint64_t birth = 0;
  {
    const auto opened = data_directory::open(one.path(), wanted);
    REQUIRE(opened);
    birth = (*opened)->birth();
    CHECK(birth != 0);
  }
  CHECK((*data_directory::open(one.path(), wanted))->birth() == birth);
  CHECK((*data_directory::open(other.path(), wanted))->birth() != birth);
}

}  // namespace
}  // namespace troupe::persistence

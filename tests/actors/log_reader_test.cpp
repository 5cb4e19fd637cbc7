// The log reader: what it finds goes back to the member; what is gone is said to be gone; what is
// damaged stops the node.
#include "actors/log_reader.hpp"

#include "actor_fixture.hpp"
#include "memory_disk.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

constexpr raft::group_id group{7};

struct reader_rig {
  explicit reader_rig(raft::entries stored) {
    REQUIRE(log->load(group, raft::make_configuration({raft::node_id{1}})));
    raft::write w;
    w.sequence = raft::write_sequence{1};
    w.hard = raft::hard_state{raft::term{1}, {}};
    w.entries = std::move(stored);
    const persistence::group_write one{group, &w};
    REQUIRE(log->append({&one, 1}).ok());
  }
  void fetch(std::uint64_t first, std::uint64_t last, std::uint64_t bytes_max = 1U << 20U) {
    const raft::fetch wanted{raft::fetch_purpose::replicate, raft::node_id{2},
                             raft::log_index{first}, raft::log_index{last}, bytes_max};
    actors::send(reader, actors::fetch_job{group, wanted, member});
    t.run();
  }
  [[nodiscard]] std::vector<std::uint64_t> last_found() const {
    std::vector<std::uint64_t> indexes;
    for (const auto& e : told->fetched.back().found) indexes.push_back(e->index.value());
    return indexes;
  }

  memory_disk disk;
  std::shared_ptr<persistence::log_store> log = disk.open_log("/log");
  std::vector<std::string> fatal;
  std::shared_ptr<told_member> told = std::make_shared<told_member>();
  test_system t;
  actors::member_actor member = spawn_member(t, told);
  actors::log_reader_actor reader = t.keep(actors::spawn_log_reader(
      *t.system, log, [this](const std::string& why) { fatal.push_back(why); }));
};

raft::entries five() {
  raft::entries all;
  for (std::uint64_t i = 1; i <= 5; ++i) all.push_back(make_entry(1, i, std::string(100, 'x')));
  return all;
}

using indexes = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the log reader answers each job with what was asked for, in order") {
  reader_rig r(five());
  r.fetch(2, 4);
  r.fetch(5, 5);
  REQUIRE(r.told->fetched.size() == 2);
  CHECK(r.told->fetched[0].request.first == raft::log_index{2});
  CHECK(r.told->fetched[0].found.size() == 3);
  CHECK(r.last_found() == indexes{5});
}

TEST_CASE("the log reader stops at the byte limit, but finds at least one entry") {
  reader_rig r(five());
  r.fetch(1, 5, 250);
  CHECK(r.last_found().size() < 5);
  CHECK_FALSE(r.last_found().empty());
  r.fetch(3, 5, 1);
  CHECK(r.last_found() == indexes{3});
}

TEST_CASE("entries that are gone since they were asked for come back as none, and nothing stops") {
  reader_rig r(five());
  r.fetch(6, 9);
  REQUIRE(r.told->fetched.size() == 1);
  CHECK(r.last_found().empty());
  CHECK(r.fatal.empty());
  r.fetch(1, 1);
  CHECK(r.last_found() == indexes{1});
}

TEST_CASE("an entry that is damaged on disk stops the node, and reaches nobody") {
  auto entries = five();
  auto damaged = *entries[2];
  damaged.checksum = 4711;
  entries[2] = std::make_shared<const raft::entry>(std::move(damaged));
  reader_rig r(std::move(entries));
  r.fetch(3, 3);
  REQUIRE(r.fatal.size() == 1);
  CHECK(r.fatal[0].rfind("log read failed: ", 0) == 0);
  CHECK(r.told->fetched.empty());
}

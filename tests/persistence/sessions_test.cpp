// Exactly once: against a model that keeps everything and looks at all of it each time.
#include "persistence/sessions.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>

#include "persistence/memory_state.hpp"
#include "persistence/state_store.hpp"
#include "tests/persistence/scratch_directory.hpp"

namespace troupe::persistence {
namespace {

using codec::session_header;
using outcome = session_answer::outcome;
using raft::log_index;
using raft::term;

constexpr std::uint64_t ttl = 20'000;

session_header opening(std::uint64_t now, std::uint64_t ttl_ms = ttl) {
  return {0, 0, 0, now, ttl_ms};
}

/// A group without disk: what each entry is answered, "" for one that is applied.
struct bare_group {
  memory_space none;
  memory_batch records{none};
  session_limits limits;
  std::uint64_t index = 0;

  std::uint64_t open(std::uint64_t now, std::uint64_t ttl_ms = ttl) {
    const auto a =
        sessions(records, limits).open(opening(now, ttl_ms), log_index{++index}, term{1});
    return a.how == outcome::applied ? a.index.value() : 0;
  }
  /// The stored answer, or nothing: then it is applied and answered with `answer`.
  std::optional<session_answer> send(const session_header& h, const std::string& answer,
                                     outcome how = outcome::applied) {
    ++index;
    sessions known(records, limits);
    auto decided = known.begin(h);
    if (auto* answered = std::get_if<session_answer>(&decided)) {
      return *answered;
    }
    known.remember(h, {how, answer, log_index{index}, term{1}});
    return std::nullopt;
  }
  [[nodiscard]] std::size_t stored(const std::string& kind) const {
    std::size_t found = 0;
    records.scan(kind, {}, [&](std::string_view, std::string_view) { return ++found != 0; });
    return found;
  }
};

TEST_CASE("sessions: a command that is sent again is answered again, and not applied") {
  bare_group g;
  const auto client = g.open(1000);
  CHECK(client == 1);
  CHECK_FALSE(g.send({client, 1, 1, 1000, 0}, "first"));
  CHECK_FALSE(g.send({client, 2, 1, 1001, 0}, "no", outcome::refused));
  const auto again = g.send({client, 1, 1, 1002, 0}, "applied twice");
  REQUIRE(again);
  CHECK(again->how == outcome::applied);
  CHECK(again->text == "first");
  CHECK(again->index == log_index{2});
  CHECK(again->term == term{1});
  const auto refused_again = g.send({client, 2, 1, 1003, 0}, "applied after all");
  REQUIRE(refused_again);
  CHECK(refused_again->how == outcome::refused);
  CHECK(refused_again->text == "no");
}

TEST_CASE("sessions: what the client acknowledged is forgotten, and refused from then on") {
  bare_group g;
  const auto client = g.open(0);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    CHECK_FALSE(g.send({client, i, 1, 0, 0}, "a"));
  }
  CHECK(g.stored("sa") == 5);
  CHECK_FALSE(g.send({client, 6, 4, 0, 0}, "a"));
  CHECK(g.stored("sa") == 3);
  CHECK(g.send({client, 3, 1, 0, 0}, "a")->how == outcome::too_late);
  CHECK(g.send({client, 4, 1, 0, 0}, "a")->how == outcome::applied);
  // Nothing comes back to life because an old copy acknowledges less.
  CHECK(g.send({client, 1, 1, 0, 0}, "a")->how == outcome::too_late);
}

TEST_CASE("sessions: an unknown session is refused, and nothing is applied") {
  bare_group g;
  CHECK(g.send({77, 1, 1, 0, 0}, "a")->how == outcome::expired);
  CHECK(g.stored("s") == 0);
  const auto client = g.open(0);
  CHECK(g.send({client + 1, 1, 1, 0, 0}, "a")->how == outcome::expired);
}

TEST_CASE("sessions: one that is not used for its time to live is gone, with its answers") {
  bare_group g;
  const auto idle = g.open(0);
  const auto used = g.open(0);
  CHECK_FALSE(g.send({idle, 1, 1, 0, 0}, "a"));
  CHECK_FALSE(g.send({used, 1, 1, ttl, 0}, "a"));
  CHECK(g.send({idle, 1, 1, ttl, 0}, "a"));  // just in time
  CHECK(g.send({idle, 1, 1, 2 * ttl + 1, 0}, "a")->how == outcome::expired);
  CHECK(g.send({used, 1, 1, 2 * ttl + 1, 0}, "a")->how == outcome::expired);
  CHECK(g.stored("ss") + g.stored("sa") + g.stored("se") == 0);
}

TEST_CASE("sessions: a clock that goes back does not, and one far ahead harms no new session") {
  bare_group g;
  const auto client = g.open(ttl * 10);
  CHECK_FALSE(g.send({client, 1, 1, 5, 0}, "a"));
  CHECK_FALSE(g.send({client, 2, 1, ttl * 11, 0}, "a"));
  const auto late = g.open(UINT64_MAX);
  CHECK_FALSE(g.send({late, 1, 1, ttl, 0}, "a"));
  CHECK(g.send({late, 1, 1, UINT64_MAX, 0}, "a")->how == outcome::applied);
  CHECK(g.send({client, 3, 1, ttl * 11, 0}, "a")->how == outcome::expired);
}

TEST_CASE("sessions: a time to live out of bounds is brought into them") {
  bare_group g;
  const auto brief = g.open(0, 1);
  const auto endless = g.open(0, UINT64_MAX);
  CHECK_FALSE(g.send({brief, 1, 1, 10'000, 0}, "a"));
  CHECK_FALSE(g.send({endless, 1, 1, 10'000, 0}, "a"));
  CHECK(g.send({brief, 1, 1, 20'001, 0}, "a")->how == outcome::expired);
  CHECK(g.send({endless, 1, 1, 10'000 + 86'400'000, 0}, "a")->how == outcome::applied);
  CHECK(g.send({endless, 1, 1, 10'001 + 2 * 86'400'000ULL, 0}, "a")->how == outcome::expired);
}

TEST_CASE("sessions: at most 64 unacknowledged answers, more are refused and may come again") {
  bare_group g;
  const auto client = g.open(0);
  for (std::uint64_t i = 1; i <= 64; ++i) {
    CHECK_FALSE(g.send({client, i, 1, 0, 0}, "a"));
  }
  CHECK(g.send({client, 65, 1, 0, 0}, "a")->how == outcome::limited);
  CHECK(g.send({client, 64, 1, 0, 0}, "a")->how == outcome::applied);
  CHECK_FALSE(g.send({client, 65, 2, 0, 0}, "a"));
  CHECK(g.stored("sa") == 64);
}

TEST_CASE("sessions: at most 16,384 sessions, until some of them expire") {
  bare_group g;
  for (int i = 0; i < 16'384; ++i) {
    REQUIRE(g.open(0) != 0);
  }
  CHECK(g.open(ttl) == 0);
  CHECK(g.stored("ss") == 16'384);
  CHECK(g.open(ttl + 1) != 0);
  // A few go with each command, more than come.
  CHECK(g.stored("ss") == 16'384 - 4 + 1);
  for (int i = 1; i < 16'384; ++i) {
    REQUIRE(g.open(ttl + 1) != 0);
  }
  CHECK(g.stored("ss") == 16'384);  // none of the old ones is left
  CHECK(g.stored("se") == 16'384);
  CHECK(g.open(ttl + 1) == 0);
}

TEST_CASE("sessions: an answer that is too long is not kept, and says so") {
  bare_group g;
  const auto client = g.open(0);
  CHECK_FALSE(g.send({client, 1, 1, 0, 0}, std::string(65'536, 'x')));
  CHECK_FALSE(g.send({client, 2, 1, 0, 0}, std::string(65'537, 'x')));
  CHECK_FALSE(g.send({client, 3, 1, 0, 0}, std::string(70'000, 'x'), outcome::refused));
  CHECK(g.send({client, 1, 1, 0, 0}, "")->text.size() == 65'536);
  const auto lost = g.send({client, 2, 1, 0, 0}, "");
  CHECK(lost->how == outcome::not_kept);
  CHECK(lost->text.find("65537") != std::string::npos);
  const auto refused = g.send({client, 3, 1, 0, 0}, "");
  CHECK(refused->how == outcome::refused);
  CHECK(refused->text.size() == 65'536);
}

// ---- against a model ---------------------------------------------------------------------------

struct model {
  struct client {
    std::uint64_t ttl_ms;
    std::uint64_t used_ms;
    std::uint64_t acked = 1;
    std::map<std::uint64_t, std::pair<outcome, std::string>> answers;
  };
  std::map<std::uint64_t, client> clients;
  std::uint64_t clock = 0;

  /// Nothing: it is applied.
  std::optional<std::pair<outcome, std::string>> send(const session_header& h) {
    clock = std::max(clock, h.stamp_ms);
    std::erase_if(clients,
                  [&](const auto& c) { return clock - c.second.used_ms > c.second.ttl_ms; });
    const auto found = clients.find(h.client);
    if (found == clients.end()) return std::pair(outcome::expired, std::string());
    auto& c = found->second;
    c.used_ms = clock;
    c.acked = std::max(c.acked, h.acked);
    c.answers.erase(c.answers.begin(), c.answers.lower_bound(c.acked));
    if (const auto stored = c.answers.find(h.sequence); stored != c.answers.end()) {
      return stored->second;
    }
    if (h.sequence < c.acked) return std::pair(outcome::too_late, std::string());
    if (c.answers.size() >= 64) return std::pair(outcome::limited, std::string());
    return std::nullopt;
  }
};

TEST_CASE("sessions: whatever is sent, lost and sent again, the answers are the model's") {
  const auto seed = GENERATE(range(1, 21));
  std::mt19937_64 chance(static_cast<std::uint64_t>(seed));
  bare_group g;
  model m;
  std::uint64_t now = 1'000'000;
  std::vector<std::uint64_t> ids;
  for (int step = 0; step < 3000; ++step) {
    now += chance() % 50 == 0 ? chance() % 30'000 : chance() % 20;
    const auto stamp = chance() % 10 == 0 ? now - std::min<std::uint64_t>(now, 500) : now;
    if (ids.empty() || chance() % 40 == 0) {
      const auto ttl_ms = 10'000 + chance() % 40'000;
      m.clock = std::max(m.clock, stamp);
      ids.push_back(g.open(stamp, ttl_ms));
      m.clients[ids.back()] = {ttl_ms, m.clock, 1, {}};
      continue;
    }
    const auto client = ids[ids.size() - 1 - chance() % std::min<std::size_t>(ids.size(), 6)];
    const auto known = m.clients.find(client);
    const auto base = known == m.clients.end() ? 1 : known->second.acked;
    const auto sequence = base + chance() % 80;
    const auto acked = chance() % 3 == 0 ? base + chance() % (sequence - base + 1) : base;
    const session_header h{client, sequence, acked, stamp, 0};
    const auto expected = m.send(h);
    const auto how = chance() % 4 == 0 ? outcome::refused : outcome::applied;
    const auto text = std::to_string(step);
    const auto found = g.send(h, text, how);
    INFO("seed " << seed << ", step " << step);
    REQUIRE(found.has_value() == expected.has_value());
    if (!found) {
      m.clients[client].answers[sequence] = {how, text};
      continue;
    }
    REQUIRE(found->how == expected->first);
    if (found->how == outcome::applied || found->how == outcome::refused) {
      REQUIRE(found->text == expected->second);
    }
  }
}

// ---- where they are kept -----------------------------------------------------------------------

const auto voters = raft::make_configuration({raft::node_id{1}});

/// As a host does it: the processor writes its key and refuses what reads "no".
std::string apply(group_state& state, std::uint64_t index, const session_header& h,
                  const std::string& command) {
  auto write = state.begin();
  sessions known(write->own());
  std::string text;
  if (h.client == 0) {
    static_cast<void>(known.open(h, log_index{index}, term{1}));
  } else {
    auto decided = known.begin(h);
    if (const auto* answered = std::get_if<session_answer>(&decided)) {
      text = "again: " + answered->text;
    } else {
      write->set_savepoint();
      write->put("k", write->get("k").value_or("") + command);
      const bool refused = command == "no";
      if (refused) write->rollback();
      known.remember(
          h, {refused ? outcome::refused : outcome::applied, command, log_index{index}, term{1}});
      text = command;
    }
  }
  REQUIRE(write->commit({log_index{index}, term{1}, {}}).ok());
  return text;
}

TEST_CASE("sessions: a refusal is rolled back and remembered, across a restart and a snapshot") {
  scratch_directory directory;
  const raft::group_id group{7};
  const auto open = [&](const std::string& name) {
    return *state_store::open({directory.path() + name, 1U << 20U, 1U << 20U, nullptr});
  };
  {
    const auto store = open("/state");
    const auto state = *store->open_group(group, voters);
    apply(*state, 1, opening(0), "");
    CHECK(apply(*state, 2, {1, 1, 1, 0, 0}, "a") == "a");
    CHECK(apply(*state, 3, {1, 2, 1, 0, 0}, "no") == "no");
    CHECK(apply(*state, 4, {1, 3, 1, 0, 0}, "b") == "b");
    CHECK(state->view()->get("k") == "ab");
    CHECK_FALSE(state->view()->get("st"));  // no processor sees them
  }
  const auto store = open("/state");
  const auto state = *store->open_group(group, voters);
  CHECK(apply(*state, 5, {1, 2, 1, 0, 0}, "no") == "again: no");
  CHECK(apply(*state, 6, {1, 1, 1, 0, 0}, "a") == "again: a");
  REQUIRE(store->export_snapshot(group, directory.path() + "/snapshot"));
  const auto other = open("/other");
  REQUIRE(other->open_group(group, voters));
  REQUIRE(other->install_snapshot(group, directory.path() + "/snapshot").ok());
  const auto copied = *other->open_group(group, voters);
  CHECK(apply(*copied, 7, {1, 3, 1, 0, 0}, "b") == "again: b");
  CHECK(apply(*copied, 8, {1, 4, 4, 0, 0}, "c") == "c");
  CHECK(copied->view()->get("k") == "abc");
}

}  // namespace
}  // namespace troupe::persistence

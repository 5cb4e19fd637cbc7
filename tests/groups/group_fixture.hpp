// group_fixture: one member of a group of three, whose peers, log writer, log reader and forwarder
// are played by the test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codec/group_name.hpp"
#include "codec/raft_codec.hpp"
#include "groups/group_actor.hpp"
#include "persistence/memory_state.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace troupe::testing {

struct told_log_writer {
  std::vector<actors::append_job> jobs;
  std::optional<actors::loaded_member> load;  ///< the answer; none: as a new member
  bool silent = false;                        ///< loading takes for ever
};

inline actors::log_writer_actor spawn_told_writer(test_system& t,
                                                  std::shared_ptr<told_log_writer> told) {
  return t.keep(t.system->spawn(
      [](actors::log_writer_actor::pointer self,
         const std::shared_ptr<told_log_writer>& hear) -> actors::log_writer_actor::behavior_type {
        return {[=](actors::append_job& j) { hear->jobs.push_back(std::move(j)); },
                [=](const actors::load_job& j) -> caf::result<actors::loaded_member> {
                  if (hear->silent) return self->make_response_promise<actors::loaded_member>();
                  if (hear->load) return *hear->load;
                  raft::restored_state state;
                  state.snapshot.peers = j.initial;
                  return actors::loaded_member{
                      {}, std::move(state), std::make_shared<persistence::memory_state>()};
                },
                [](actors::flush) {}};
      },
      std::move(told)));
}

struct told_forwarder {
  std::vector<groups::forward_proposal> proposals;
  std::vector<groups::retry_query> queries;
  std::vector<groups::forward_transfer> transfers;
  std::vector<groups::forward_change> changes;
  std::vector<groups::leader_changed> leaders;
};

inline groups::forwarder_actor spawn_told_forwarder(test_system& t,
                                                    std::shared_ptr<told_forwarder> told) {
  return t.keep(t.system->spawn(
      [](groups::forwarder_actor::pointer,
         const std::shared_ptr<told_forwarder>& hear) -> groups::forwarder_actor::behavior_type {
        return {[=](groups::forward_proposal& f) { hear->proposals.push_back(std::move(f)); },
                [=](groups::retry_query& q) { hear->queries.push_back(std::move(q)); },
                [=](groups::forward_transfer& f) { hear->transfers.push_back(std::move(f)); },
                [=](groups::forward_change& f) { hear->changes.push_back(std::move(f)); },
                [=](const groups::leader_changed& c) { hear->leaders.push_back(c); },
                [](actors::woken) {}};
      },
      std::move(told)));
}

/// Applies whatever it is given.
inline actors::processor_actor spawn_yes(caf::actor_system& system,
                                         const std::shared_ptr<std::vector<std::string>>& applied) {
  return system.spawn(
      [applied](actors::processor_actor::pointer) -> actors::processor_actor::behavior_type {
        return {[=](const actors::apply_batch& b) -> caf::result<actors::apply_done> {
                  actors::apply_done done;
                  done.applied = b.last;
                  for (const auto& c : b.commands) {
                    applied->emplace_back(c.data.view());
                    done.replies.push_back(reply::ok("did " + std::string(c.data.view())));
                  }
                  return done;
                },
                [](actors::query_job&) {}, [](const actors::leadership&) {}};
      });
}

/// Node 1 of a group of nodes 1, 2 and 3.
class scripted_group {
 public:
  scripted_group() {
    auto known = std::make_shared<groups::node_facts>();
    known->self = raft::node_id{1};
    known->founders = {raft::node_id{1}, raft::node_id{2}, raft::node_id{3}};
    known->nodes = std::make_shared<groups::roster>(
        std::map<raft::node_id, std::string>{{raft::node_id{1}, "node:1"},
                                             {raft::node_id{2}, "node:2"},
                                             {raft::node_id{3}, "node:3"}},
        codec::known_nodes{});
    known->tick = 10ms;
    known->election_timeout_ticks = 30;
    node.facts = std::move(known);
    node.groups = std::make_shared<groups::directory>();
    node.links = std::make_shared<actors::peer_links>();
    node.fatal = [this](const std::string& why) { fatal.push_back(why); };
    node.roles = std::make_shared<groups::role_list>();
    node.ticker = *t.ticker;
    node.log_writer = spawn_told_writer(t, writer);
    node.log_reader = t.keep(t.system->spawn(
        [this](actors::log_reader_actor::pointer) -> actors::log_reader_actor::behavior_type {
          return {[this](const actors::fetch_job& j) { fetches.push_back(j); }};
        }));
    node.forwarder = spawn_told_forwarder(t, forwarder);
    for (std::uint64_t n : {2, 3}) node.links->put(raft::node_id{n}, spawn_link(t, links[n]));
  }

  void start() {
    member = t.keep(groups::spawn_group(
        *t.system, node,
        {"orders", codec::group_id_of("orders"),
         [this](caf::actor_system& s, const std::shared_ptr<persistence::group_state>&) {
           return spawn_yes(s, applied);
         }}));
    t.run();
  }
  /// Says that everything written so far is durable, and lets the replies go.
  void sync() {
    if (writer->jobs.empty()) return;
    actors::send_urgent(*member, actors::log_stable{writer->jobs.back().write->sequence});
    t.run();
  }
  template <class Body>
  void from(std::uint64_t peer, raft::term term, Body body) {
    actors::peer_messages m;
    m.messages.push_back({raft::node_id{peer}, raft::node_id{1}, term, std::move(body)});
    actors::send(*member, std::move(m));
  }
  /// Lets time pass until the member asks for votes, and gives it those of node 2.
  raft::term lead() {
    REQUIRE(t.pass_until([&] { return status().core.soft.role == raft::role::pre_candidate; }));
    // A pre-vote is about the next term.
    const raft::term wanted{status().core.hard.term.value() + 1};
    from(2, wanted, raft::vote_response{true, true});
    t.run();
    sync();
    from(2, wanted, raft::vote_response{false, true});
    t.run();
    sync();
    REQUIRE(status().core.soft.role == raft::role::leader);
    REQUIRE(status().core.soft.term == wanted);
    return wanted;
  }
  /// Node 2 has everything up to `index`.
  void acknowledge(raft::term term, std::uint64_t index) {
    raft::append_response ok;
    ok.accepted = true;
    ok.matched = raft::log_index{index};
    from(2, term, ok);
    t.run();
  }
  void propose(const std::string& text, std::optional<raft::term> expected = std::nullopt) {
    actors::send(*member, groups::propose_request{raft::bytes(text), expected, t.now() + 5s, true,
                                                  make_promise(heard, text), false, t.now()});
  }
  group_status status() {
    group_status found;
    actors::send_urgent(
        *member,
        groups::status_request{std::make_shared<std::function<void(group_status, std::string)>>(
            [&](group_status s, const std::string&) { found = std::move(s); })});
    t.run();
    return found;
  }
  /// Text and term of each command that was written to the log since it was last asked.
  std::vector<std::string> written() {
    std::vector<std::string> all;
    for (; looked_at_ < writer->jobs.size(); ++looked_at_) {
      for (const auto& e : writer->jobs[looked_at_].write->entries) {
        if (e->type != raft::entry_type::data) continue;
        all.push_back(std::string(e->data.view()) + " t" + to_string(e->term));
      }
    }
    return all;
  }

  std::map<std::uint64_t, std::shared_ptr<told_link>> links{{2, std::make_shared<told_link>()},
                                                            {3, std::make_shared<told_link>()}};
  std::shared_ptr<told_log_writer> writer = std::make_shared<told_log_writer>();
  std::shared_ptr<told_forwarder> forwarder = std::make_shared<told_forwarder>();
  std::shared_ptr<std::vector<std::string>> applied = std::make_shared<std::vector<std::string>>();
  std::shared_ptr<answers> heard = std::make_shared<answers>();
  std::vector<actors::fetch_job> fetches;
  std::vector<std::string> fatal;
  test_system t{
      [](caf::actor_system_config& c) { c.add_message_types<caf::id_block::troupe_groups>(); }};
  groups::services node;
  std::optional<groups::group_actor> member;

 private:
  std::size_t looked_at_ = 0;
};

}  // namespace troupe::testing

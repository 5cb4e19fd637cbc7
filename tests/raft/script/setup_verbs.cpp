// Members come into being; how loud the transcript is.
#include <limits>

#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/verbs.hpp"

namespace troupe::raft::script {

namespace {

core_options default_options() {
  core_options o;
  o.election_timeout_ticks = 3;
  o.heartbeat_ticks = 1;
  o.pre_vote = false;
  o.check_quorum = false;
  o.restart_grace = false;
  o.step_down_on_removal = false;
  o.append_bytes_max = std::numeric_limits<std::uint32_t>::max();
  return o;
}

template <class Number>
void take_into(command& c, const char* key, Number& where) {
  if (const auto n = c.take_number_of(key)) {
    if (*n > std::numeric_limits<Number>::max()) {
      throw script_error(std::string(key) + " is too large");
    }
    where = static_cast<Number>(*n);
  }
}

void take_into(command& c, const char* key, bool& where) {
  where = c.take_flag(key).value_or(where);
}

core_options take_options(command& c) {
  core_options o = default_options();
  take_into(c, "prevote", o.pre_vote);
  take_into(c, "checkquorum", o.check_quorum);
  take_into(c, "step-down-on-removal", o.step_down_on_removal);
  take_into(c, "restart-grace", o.restart_grace);
  take_into(c, "inflight", o.append_requests_in_flight_max);
  take_into(c, "max-inflight-bytes", o.append_bytes_in_flight_max);
  take_into(c, "max-size-per-msg", o.append_bytes_max);
  take_into(c, "max-uncommitted-size", o.uncommitted_bytes_max);
  take_into(c, "max-committed-size-per-ready", o.apply_bytes_max);
  take_into(c, "max-unapplied-size", o.unapplied_bytes_max);
  take_into(c, "cached-bytes", o.cached_bytes_max);
  take_into(c, "pending-reads", o.pending_reads_max);
  take_into(c, "election-ticks", o.election_timeout_ticks);
  take_into(c, "heartbeat-ticks", o.heartbeat_ticks);
  take_into(c, "priority", o.election_priority);
  take_into(c, "quiesce-after", o.quiesce_after_ticks);
  take_into(c, "promotion-lag", o.promotion_lag_max);
  take_into(c, "seed", o.seed);
  if (const auto policy = c.take_value("read-only")) {
    if (*policy != "safe" && *policy != "lease-based") {
      throw script_error("read-only is safe or lease-based, not \"" + *policy + "\"");
    }
    o.reads = *policy == "safe" ? read_policy::quorum : read_policy::lease;
  }
  return o;
}

std::vector<node_id> ids_from(const std::vector<std::uint64_t>& numbers) {
  std::vector<node_id> ids;
  for (const auto n : numbers) {
    ids.emplace_back(n);
  }
  return ids;
}

/// `log=(1,1,2)` gives the terms of the entries behind the snapshot, `term` the durable term.
disk take_disk(command& c) {
  disk d;
  d.snapshot.peers =
      make_configuration(ids_from(c.take_numbers("voters")), ids_from(c.take_numbers("learners")));
  d.snapshot.peers.outgoing = make_configuration(ids_from(c.take_numbers("outgoing"))).voters;
  d.snapshot.index = log_index{c.take_number_of("index").value_or(0)};
  const std::uint64_t least_term = d.snapshot.index.is_none() ? 0 : 1;
  d.snapshot.term = raft::term{c.take_number_of("snapshot-term").value_or(least_term)};
  d.applied = d.snapshot.index;
  for (const auto t : c.take_numbers("log")) {
    entry e;
    e.term = raft::term{t};
    e.index = next(d.last());
    e.type = entry_type::data;
    e.data = bytes(position(e.term, e.index));
    d.hard.term = std::max(d.hard.term, e.term);
    d.log.push_back(std::make_shared<const entry>(std::move(e)));
  }
  d.hard.term = std::max(d.hard.term, raft::term{c.take_number_of("term").value_or(0)});
  d.hard.vote = node_id{c.take_number_of("vote").value_or(0)};
  return d;
}

void add_nodes(stage& s, command& c) {
  const auto count = c.take_number("how many");
  member_setup setup;
  setup.options = take_options(c);
  take_into(c, "async-storage-writes", setup.is_async);
  take_into(c, "hold-snapshots", setup.holds_snapshots);
  setup.content = c.take_value("content").value_or("");
  setup.held = take_disk(c);
  const bool is_unchecked = c.take_flag("disable-conf-change-validation").value_or(false);
  c.finish();
  if (is_unchecked) {
    s.out.warn("changes are checked all the same");
  }
  for (std::uint64_t n = 0; n < count; ++n) {
    s.add(setup);
  }
}

void log_level(stage& s, command& c) {
  const auto level = transcript::loudness_of(c.take_word("a level"));
  c.finish();
  s.out.set_level(level);
}

void set_randomized_election_timeout(stage& s, command& c) {
  const auto id = c.take_id();
  const auto ticks = c.take_number_of("timeout");
  c.finish();
  if (!ticks || *ticks == 0) {
    throw script_error("set-randomized-election-timeout needs timeout=");
  }
  s.running(id).fix_election_timeout(static_cast<std::uint32_t>(*ticks));
}

constexpr verb verbs[] = {
    {"add-nodes", add_nodes},
    {"log-level", log_level},
    {"set-randomized-election-timeout", set_randomized_election_timeout},
};

}  // namespace

std::span<const verb> setup_verbs() {
  return verbs;
}

}  // namespace troupe::raft::script

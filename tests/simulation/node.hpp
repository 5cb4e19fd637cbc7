// node: one process with its disks, and its member of each group. Data only; world.hpp says what is
// done with it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "raft/core.hpp"
#include "tests/simulation/storage.hpp"
#include "tests/simulation/timeline.hpp"

namespace troupe::simulation {

/// A client's request on its way, at a node, or its answer on the way back.
struct request {
  enum class outcome : std::uint8_t { unknown, done, surely_failed };
  std::uint32_t client = 0;
  std::uint32_t operation = 0;  ///< of the client, counted
  std::uint32_t attempt = 0;
  command asked;
  reply answer;
  outcome result = outcome::unknown;
  raft::node_id leader;  ///< a refusal's hint
  bool is_told = false;  ///< its client was answered while the request still stands in a queue
};

struct queued_proposal {
  std::uint32_t request;
  raft::term expected;  ///< the term in which the member led when it took the request
};

struct pending_proposal {
  raft::log_index index;
  raft::term term;
  std::uint32_t request;
};

struct asked_read {
  raft::read_id id;
  std::uint32_t request;
  std::uint64_t asked_at;
  raft::term leads_in;  ///< the member led and had committed in this term; none: it did not
};

struct waiting_read {
  raft::log_index index;
  std::uint32_t request;
};

struct member {
  member(std::uint32_t of_node, std::uint32_t of_group, const raft::snapshot_point& begins)
      : node(of_node), group(of_group), log(begins), state(begins) {}

  std::uint32_t node;
  std::uint32_t group;

  // ---- disks ------------------------------------------------------------------------------
  log_image log;
  state_store state;
  std::vector<staged_snapshot> staged;

  // ---- process ----------------------------------------------------------------------------
  std::optional<raft::core> core;
  std::uint32_t owed_ticks = 0;
  std::optional<raft::write_sequence> unheard;  ///< durable, and the core was not told yet
  bool is_act_due = false;
  bool is_drain_due = false;
  std::vector<queued_proposal> queued;
  std::deque<pending_proposal> pending;  ///< indexes rise
  std::deque<raft::entry_ptr> unapplied;
  bool is_applying = false;
  std::optional<raft::snapshot_point> installing;
  std::vector<asked_read> reads_asked;
  std::vector<waiting_read> reads_ready;
  raft::read_id newest_read;  ///< asked in this event
  std::deque<raft::fetch> fetches;

  // ---- what was seen of the core ----------------------------------------------------------
  raft::soft_state seen;
  raft::log_index seen_commit;
  raft::log_index issued_last;  ///< last entry of any write
  raft::term appending_term;    ///< it led in this term when it last took an output
  /// Configurations in force and before it, as the log brought them.
  std::vector<std::pair<raft::log_index, raft::configuration>> configurations;
};

/// One job for the log writer: a core's write, or a compaction.
struct log_job {
  std::uint32_t group = 0;
  raft::write write;
  raft::log_index compact_to;
};

struct node {
  std::uint32_t index = 0;
  raft::node_id id;
  std::uint64_t disk_mark = 0;  ///< tells these disks from any others under the same id
  bool is_up = false;
  bool is_paused = false;
  bool is_wiped = false;  ///< its disks are gone for ever; they stay here for the checks
  std::uint32_t life = 0;
  std::uint32_t tick_interval = tick_units_default;
  std::uint64_t paused_at = 0;
  std::vector<event> backlog;
  std::vector<std::unique_ptr<member>> members;  ///< by group

  // ---- log writer -------------------------------------------------------------------------
  std::deque<log_job> queued;
  std::vector<log_job> writing;
  std::deque<log_job> durable;  ///< not yet noticed
  bool is_write_due = false;
  bool fails_next_sync = false;
  std::uint64_t writing_since = 0;
  std::uint64_t slow_until = 0;
  std::uint64_t full_until = 0;

  // ---- links out --------------------------------------------------------------------------
  struct link {
    std::string body;
    std::uint64_t last_arrival = 0;
    std::uint32_t cuts = 0;  ///< nothing passes while not 0
  };
  std::vector<link> links;          ///< by node
  std::vector<std::uint32_t> used;  ///< links with a body

  static constexpr std::uint32_t tick_units_default = 100;
};

}  // namespace troupe::simulation

// log_records: the records that a frame of the log holds, as docs/log-format.md describes them. On
// disk: do not change without a new format version. Knows nothing of files, nor of what a record
// makes of a log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/log_frames.hpp"
#include "raft/entry.hpp"
#include "raft/message.hpp"
#include "raft/output.hpp"
#include "raft/types.hpp"

namespace troupe::persistence {

enum class log_record : char {
  begin = 'b',       ///< segments below this one hold nothing that is needed
  copies = 'c',      ///< entries that stood in an older segment, once more
  entries = 'e',     ///< take the place of everything at and above their first index
  hard_state = 'h',  ///< term and vote
  install = 'i',     ///< a point, and the log is empty behind it
  point = 'p',       ///< the log begins behind it; what stands above it stays
};

constexpr std::uint32_t hard_state_record_bytes = 25;
/// What an entry's record takes beside the entry.
constexpr std::uint32_t entry_prefix_bytes = 4;

void append_begin(segment_number segment, std::string& body);
void append_hard_state(raft::group_id group, const raft::hard_state& hard, std::string& body);
/// `kind` is point or install.
void append_point(log_record kind, raft::group_id group, const raft::snapshot_point& point,
                  std::string& body);
/// `kind` is entries or copies; `count` entries, all of this term, are appended next.
void append_run(log_record kind, raft::group_id group, raft::log_index first, raft::term term,
                std::uint32_t count, std::string& body);
/// Where the entry begins in `body`; it ends where `body` does.
std::size_t append_run_entry(const raft::entry& e, std::string& body);
/// The same of an entry that has its form already.
std::size_t append_run_entry(std::string_view encoded, bool is_configuration, std::string& body);

/// One record; which fields it has, its kind says.
struct log_record_view {
  log_record kind{};
  raft::group_id group;
  segment_number segment = 0;  ///< begin
  raft::log_index index;       ///< point, install; of a run the first
  raft::term term;
  raft::node_id vote;         ///< hard_state
  raft::configuration peers;  ///< point, install
  std::uint32_t count = 0;    ///< of a run
  std::size_t bytes = 0;      ///< of the whole record, but for the entries of a run
};

struct run_entry_view {
  std::size_t at = 0;  ///< in the body
  std::string_view encoded;
  bool is_configuration = false;
};

/// Reads a body record by record. Bodies are guarded by their frame's checksum: what does not parse
/// was written wrongly.
class log_record_reader {
 public:
  explicit log_record_reader(std::string_view body) : body_(body) {}

  /// Nothing at the end, and where the body makes no sense. The entries of a run must have been
  /// taken before.
  std::optional<log_record_view> next();
  /// To be called `count` times behind a run.
  std::optional<run_entry_view> next_entry();
  [[nodiscard]] bool is_damaged() const { return damaged_; }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  [[nodiscard]] bool holds(std::size_t bytes) const { return body_.size() - at_ >= bytes; }
  std::uint64_t number();
  std::uint32_t small_number();
  bool read_point(log_record_view& to);
  bool read(log_record_view& to);

  std::string_view body_;
  std::size_t at_ = 0;
  bool damaged_ = false;
};

}  // namespace troupe::persistence

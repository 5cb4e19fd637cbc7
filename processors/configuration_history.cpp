#include "processors/configuration_history.hpp"

#include <vector>

#include "processors/configuration_state.hpp"

namespace troupe::processors::config {

namespace {

/// One change adds one row of at most content_bytes_max, and drops at most so many: the state
/// shrinks below its limits as it goes, and no entry takes long.
constexpr int dropped_at_once = 4;

/// A row with all its keys. An unreadable one loses what can be found of it.
void erase_row(persistence::state_batch& batch, std::uint64_t id, history_counters& counters) {
  const auto where = history_record_key(id);
  const auto stored = batch.get(where);
  if (!stored) return;
  if (const auto row = decode_history_row(*stored)) {
    batch.erase(history_index_key(row->item.key, id));
    batch.erase(history_time_key(row->stamped_ms, id));
    counters.content_bytes -= row->item.content_bytes;
  }
  batch.erase(where);
  batch.erase(history_content_key(id));
  --counters.rows;
}

/// 0: there is none.
std::uint64_t oldest_row(const persistence::state_batch& batch, std::uint64_t not_before) {
  std::uint64_t found = 0;
  batch.scan(history_rows_prefix, history_record_key(not_before),
             [&](std::string_view key, std::string_view) {
               found = row_of_record_key(key);
               return false;
             });
  return found;
}

}  // namespace

void append_history(persistence::state_batch& batch, history_row row, std::string_view content,
                    const history_limits& limits) {
  auto counters = read_history_counters(batch);
  row.id = ++counters.last_id;
  batch.put(history_record_key(row.id), encode_record(row));
  batch.put(history_content_key(row.id), content);
  batch.put(history_index_key(row.item.key, row.id), {});
  batch.put(history_time_key(row.stamped_ms, row.id), {});
  ++counters.rows;
  counters.content_bytes += content.size();
  for (int i = 0; i < dropped_at_once; ++i) {
    if (counters.rows <= limits.rows_max && counters.content_bytes <= limits.content_bytes_max) {
      break;
    }
    const auto oldest = oldest_row(batch, counters.first_id);
    if (oldest == 0 || oldest == row.id) break;
    erase_row(batch, oldest, counters);
    counters.first_id = oldest + 1;
  }
  write_counters(batch, counters);
}

trim_reply trim_history(persistence::state_batch& batch, const history_trim& wanted) {
  trim_reply out;
  out.reached_ms = wanted.before_ms;
  std::vector<std::uint64_t> doomed;
  batch.scan(history_times_prefix, history_time_key(wanted.from_ms, 0),
             [&](std::string_view key, std::string_view) {
               const auto stamped = stamp_of_time_key(key);
               if (stamped >= wanted.before_ms) return false;
               if (doomed.size() == trimmed_rows_max) {
                 out.more = true;
                 out.reached_ms = stamped;
                 return false;
               }
               doomed.push_back(row_of_time_key(key));
               return true;
             });
  auto counters = read_history_counters(batch);
  for (const auto id : doomed) erase_row(batch, id, counters);
  out.erased = doomed.size();
  if (out.erased > 0) write_counters(batch, counters);
  return out;
}

}  // namespace troupe::processors::config

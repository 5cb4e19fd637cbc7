// state_transfer: a group's state out of the state store's database into files, and from files into
// it. Knows nothing of who may write meanwhile; state_store does.
#pragma once

#include <memory>
#include <string>

#include "persistence/snapshot.hpp"
#include "persistence/state_keys.hpp"
#include "persistence/state_records.hpp"
#include "persistence/status.hpp"

namespace rocksdb {
class DB;
}

namespace troupe::persistence {

/// Writes the generation as of now into `directory`, which must not exist and appears when it is
/// complete and durable; writers go on. absent when the group has applied nothing yet.
raft::expected<snapshot_manifest, status> export_generation(rocksdb::DB& db,
                                                            const state_generation& generation,
                                                            const std::string& directory,
                                                            std::uint64_t table_bytes);

/// Puts the files of a snapshot beside the group's present generation, durably, as one that is not
/// current yet. What is left of an attempt that was cut short is removed first. Moves the files.
/// corrupt when they hold anything but that state.
status ingest_generation(rocksdb::DB& db, const snapshot_manifest& manifest,
                         const std::string& directory);

/// Makes `generation` the group's current one, durably: the point of no return.
status switch_generation(rocksdb::DB& db, const state_generation& generation);

/// Deletes every generation of the group but this one.
status drop_other_generations(rocksdb::DB& db, const state_generation& kept);

/// XXH3-64 over the point, and over all keys and values of the processor and the host in order: the
/// same on every replica that has applied the same entries.
struct content {
  applied_point point;
  std::uint64_t hash = 0;
};
raft::expected<content, status> content_of(rocksdb::DB& db, const state_generation& generation);

}  // namespace troupe::persistence

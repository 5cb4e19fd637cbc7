// rocks_database: how both stores open RocksDB: no retry on top of a failed disk operation, bounded
// diagnostics, compression where the library has it, and a record that names the format. Knows
// nothing of what else is stored.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "persistence/status.hpp"
#include "raft/expected.hpp"

namespace rocksdb {
class DB;
class Env;
struct Options;
}  // namespace rocksdb

namespace troupe::persistence {

void set_common_options(rocksdb::Options& options);

/// Creates the directory when missing, its parents must exist, and makes its name durable.
status create_database_directory(rocksdb::Env& env, const std::string& path);

/// Opens or creates the database and checks that the record at `version_key` reads `version`; a new
/// database gets it, synced, before anything else. mismatch when it reads otherwise, corrupt when
/// there is data without it.
raft::expected<std::shared_ptr<rocksdb::DB>, status> open_database(const rocksdb::Options& options,
                                                                   const std::string& path,
                                                                   const std::string& version_key,
                                                                   std::string_view version);

}  // namespace troupe::persistence

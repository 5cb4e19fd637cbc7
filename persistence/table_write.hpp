// table_write: brings sorted changes into a database as a table of its own, past memtable and
// write-ahead log: half the work of a batch for many changes, and durable when it returns. Knows
// nothing of whose changes they are.
#pragma once

#include <span>

#include "persistence/change_log.hpp"
#include "persistence/status.hpp"

namespace rocksdb {
class DB;
}

namespace troupe::persistence {

/// Whether RocksDB slows writers down. Tables are not held up by that: they only make it worse.
bool is_crowded(rocksdb::DB& db);

/// `sorted`: ascending by key, each key once, at least one. Either all of them are in the database
/// or none, and what was written before is durable, too. Blocks. One thread at a time.
status write_table(rocksdb::DB& db, std::span<const change> sorted);

}  // namespace troupe::persistence

// sized_log_files: RocksDB's files, of which segments of the log have their size before it is used.
// A sync behind an append to a file that grows writes the file's size, too; in a file that has it
// already one write to the disk is enough, which takes about half the time. Behind what was written
// there are zeros, which recovery passes over. Knows nothing of what is in the log.
#pragma once

namespace rocksdb {
class Env;
}

namespace troupe::persistence {

/// Lives as long as the process. Where the file system cannot give files a size ahead they grow as
/// they are written.
rocksdb::Env* sized_log_files();

}  // namespace troupe::persistence

// durable_file: small files that are replaced as a whole and survive power loss: old or new, never
// a mixture. Knows nothing of what they hold.
#pragma once

#include <string>
#include <string_view>

#include "persistence/status.hpp"
#include "raft/expected.hpp"

namespace troupe::persistence {

/// Temporary file, fsync, rename, fsync of the directory: until the last step a power loss may undo
/// the rename, so only then is the new content there for good.
status replace_file(const std::string& path, std::string_view content);
raft::expected<std::string, status> read_file(const std::string& path);
/// The same for a directory whose files are synced; `to` must not exist, or be empty.
status rename_directory(const std::string& from, const std::string& to);
status sync_directory(const std::string& path);
/// "/a/b" → "/a", "b" → ".".
std::string parent_of(const std::string& path);
/// The failure that errno tells of: no_space or io_error, with `doing`, path and reason.
status system_failure(std::string_view doing, const std::string& path);

}  // namespace troupe::persistence

// rocks_status: see the header.
#include "persistence/rocks_status.hpp"

#include <rocksdb/status.h>

#include <string>

namespace troupe::persistence {
namespace {

status_code code_of(const rocksdb::Status& outcome, const std::string& text) {
  if (outcome.IsIncomplete()) {
    return status_code::stalled;
  }
  if (outcome.IsNoSpace() || text.find("No space left") != std::string::npos) {
    return status_code::no_space;
  }
  // RocksDB has no code of its own for a held lock; both of its texts name the LOCK file.
  if (outcome.IsIOError() && text.find("lock ") != std::string::npos &&
      text.find("LOCK") != std::string::npos) {
    return status_code::locked;
  }
  if (outcome.IsCorruption()) {
    return status_code::corrupt;
  }
  return status_code::io_error;
}

}  // namespace

status to_status(const rocksdb::Status& outcome, std::string_view doing, std::string_view path) {
  if (outcome.ok()) {
    return {};
  }
  const std::string text = outcome.ToString();
  std::string message(doing);
  message.append(" ").append(path).append(": ").append(text);
  const status_code code = code_of(outcome, text);
  if (code == status_code::locked) {
    message += "; another process uses it: stop that one or give another directory";
  }
  return {code, std::move(message)};
}

}  // namespace troupe::persistence

// data_directory: see the header. The identity file is text, one `key=value` a line, in this order:
// format, cluster, node, birth, incarnation, and the checksum of the lines before it. On disk: do
// not change.
#include "persistence/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "persistence/durable_file.hpp"
#include "persistence/sealed_record.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

constexpr std::string_view first_line =
    "# troupe data directory, written at each start; do not edit\n";

struct identity {
  std::uint64_t format = data_format_version;
  std::string cluster;
  std::uint64_t node = 0;
  std::uint64_t birth = 0;
  std::uint64_t incarnation = 0;
};

std::string encode(const identity& id) {
  std::string text(first_line);
  text += "format=" + std::to_string(id.format) + "\n";
  text += "cluster=" + id.cluster + "\n";
  text += "node=" + std::to_string(id.node) + "\n";
  text += "birth=" + std::to_string(id.birth) + "\n";
  text += "incarnation=" + std::to_string(id.incarnation) + "\n";
  return text + "checksum=" + checksum_text(text) + "\n";
}

/// The value of the next line when its key is `key`; moves `text` behind the line.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key) || text.size() <= key.size() ||
      text[key.size()] != '=') {
    return std::nullopt;
  }
  const auto value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

bool take_number(std::string_view& text, std::string_view key, std::uint64_t& number) {
  const auto value = take_line(text, key);
  if (!value || value->empty()) {
    return false;
  }
  const auto end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

/// The version alone, so that a file of a later format is told apart from a damaged one.
std::optional<std::uint64_t> decode_format(std::string_view text) {
  std::uint64_t format = 0;
  if (!text.starts_with(first_line)) {
    return std::nullopt;
  }
  text.remove_prefix(first_line.size());
  return take_number(text, "format", format) ? std::optional(format) : std::nullopt;
}

std::optional<identity> decode(std::string_view whole) {
  if (!whole.starts_with(first_line)) {
    return std::nullopt;
  }
  identity id;
  auto text = whole.substr(first_line.size());
  if (!take_number(text, "format", id.format)) {
    return std::nullopt;
  }
  const auto cluster = take_line(text, "cluster");
  if (!cluster || !take_number(text, "node", id.node) || !take_number(text, "birth", id.birth) ||
      !take_number(text, "incarnation", id.incarnation)) {
    return std::nullopt;
  }
  id.cluster = *cluster;
  const auto guarded = whole.substr(0, whole.size() - text.size());
  const auto checksum = take_line(text, "checksum");
  if (!checksum || !text.empty() || *checksum != checksum_text(guarded)) {
    return std::nullopt;
  }
  return id;
}

/// mkdir -p; the parents of what was created are synced, or a power loss could undo it.
status create_directories(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) == 0) {
    return sync_directory(parent_of(path));
  }
  if (errno == EEXIST) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
      return {};
    }
    errno = ENOTDIR;
  }
  if (errno != ENOENT) {
    return system_failure("create data directory", path);
  }
  if (auto made = create_directories(parent_of(path)); !made.ok()) {
    return made;
  }
  return ::mkdir(path.c_str(), 0750) == 0 ? sync_directory(parent_of(path))
                                          : system_failure("create data directory", path);
}

raft::expected<int, status> lock(const std::string& directory) {
  const std::string path = directory + "/lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) {
    return unexpected(system_failure("open lock file", path));
  }
  // flock dies with the process, so a crash leaves nothing to clean up.
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
    return file;
  }
  const bool held = errno == EWOULDBLOCK;
  auto failed = system_failure("lock", path);
  ::close(file);
  return unexpected(held ? status(status_code::locked, "another trouped uses " + directory +
                                                           "; stop it or give another --data-dir")
                         : failed);
}

status check(const identity& found, const data_identity& wanted, const std::string& path) {
  if (found.cluster != wanted.cluster) {
    return {status_code::mismatch, path + " belongs to cluster '" + found.cluster +
                                       "', but this node was started for '" + wanted.cluster +
                                       "'; start it with --cluster " + found.cluster +
                                       " or give another --data-dir"};
  }
  if (found.node != wanted.node.value()) {
    return {status_code::mismatch, path + " belongs to node " + std::to_string(found.node) +
                                       ", but this node was started as " + to_string(wanted.node) +
                                       "; start it with --node-id " + std::to_string(found.node) +
                                       " or give another --data-dir"};
  }
  return {};
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

std::uint64_t draw_birth() {
  std::random_device device;
  std::uniform_int_distribution<std::uint64_t> any(1);
  return any(device);
}

/// What a directory without an identity file starts from: only one without data may be new.
raft::expected<identity, status> first_identity(const std::string& directory,
                                                const data_identity& wanted) {
  for (const char* store : {"/log", "/state"}) {
    if (exists(directory + store)) {
      return unexpected(status(
          status_code::corrupt,
          directory + "/identity is missing, but " + directory + store +
              " holds data; restore the file, or empty the directory and add the node anew"));
    }
  }
  return identity{data_format_version, wanted.cluster, wanted.node.value(), draw_birth(), 0};
}

raft::expected<identity, status> read_identity(const std::string& directory,
                                               const data_identity& wanted) {
  const std::string path = directory + "/identity";
  if (!exists(path)) {
    return first_identity(directory, wanted);
  }
  auto text = read_file(path);
  if (!text) {
    return unexpected(text.error());
  }
  const auto format = decode_format(*text);
  if (format && *format != data_format_version) {
    return unexpected(status(status_code::mismatch,
                             path + " has format version " + std::to_string(*format) +
                                 ", this program reads version " +
                                 std::to_string(data_format_version) +
                                 "; use the program that wrote it or give another --data-dir"));
  }
  const auto found = decode(*text);
  if (!found) {
    return unexpected(status(status_code::corrupt,
                             path + " is damaged; restore it from a backup of this node, or " +
                                 "empty the directory and add the node anew"));
  }
  if (auto fits = check(*found, wanted, path); !fits.ok()) {
    return unexpected(std::move(fits));
  }
  return *found;
}

status check_wanted(const data_identity& wanted) {
  const bool printable = wanted.cluster.find_first_of("\r\n") == std::string::npos;
  if (printable && !wanted.node.is_none()) {
    return {};
  }
  return {status_code::mismatch, printable ? "node id 0 stands for none; give another --node-id"
                                           : "a cluster id must not hold line breaks"};
}

}  // namespace

raft::expected<std::unique_ptr<data_directory>, status> data_directory::open(
    const std::string& path, const data_identity& wanted) {
  if (auto fine = check_wanted(wanted); !fine.ok()) {
    return unexpected(std::move(fine));
  }
  if (auto made = create_directories(path); !made.ok()) {
    return unexpected(std::move(made));
  }
  auto held = lock(path);
  if (!held) {
    return unexpected(held.error());
  }
  // From here on the object releases the lock on every way out.
  std::unique_ptr<data_directory> directory(new data_directory(path, *held, 0));
  auto id = read_identity(path, wanted);
  if (!id) {
    return unexpected(id.error());
  }
  ++id->incarnation;
  // Snapshots that were on their way when the last process ended are sent anew.
  std::error_code ignored;
  std::filesystem::remove_all(directory->snapshots_path(), ignored);
  if (auto written = replace_file(path + "/identity", encode(*id)); !written.ok()) {
    return unexpected(std::move(written));
  }
  directory->incarnation_ = id->incarnation;
  directory->birth_ = id->birth;
  return directory;
}

data_directory::~data_directory() {
  ::close(lock_);
}

}  // namespace troupe::persistence

// durable_file: see the header.
#include "persistence/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace troupe::persistence {
namespace {

/// Closes on every way out; a file descriptor has no other owner here.
class open_file {
 public:
  explicit open_file(int number) : number_(number) {}
  ~open_file() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  [[nodiscard]] bool valid() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

status write_synced(const std::string& path, std::string_view content) {
  const open_file file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!file.valid()) {
    return system_failure("create", path);
  }
  while (!content.empty()) {
    const auto written = ::write(file.number(), content.data(), content.size());
    if (written < 0 && errno != EINTR) {
      return system_failure("write", path);
    }
    content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return ::fsync(file.number()) == 0 ? status() : system_failure("sync", path);
}

}  // namespace

status system_failure(std::string_view doing, const std::string& path) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT;
  return {full ? status_code::no_space : status_code::io_error,
          std::string(doing) + " " + path + ": " + std::system_category().message(error)};
}

std::string parent_of(const std::string& path) {
  const auto last = path.find_last_not_of('/');
  const auto slash = last == std::string::npos ? last : path.find_last_of('/', last);
  if (slash == std::string::npos) {
    return path.starts_with('/') ? "/" : ".";
  }
  const auto end = path.find_last_not_of('/', slash);
  return end == std::string::npos ? "/" : path.substr(0, end + 1);
}

status sync_directory(const std::string& path) {
  const open_file directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) {
    return system_failure("open directory", path);
  }
  return ::fsync(directory.number()) == 0 ? status() : system_failure("sync directory", path);
}

status replace_file(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  if (auto written = write_synced(temporary, content); !written.ok()) {
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return system_failure("rename to", path);
  }
  return sync_directory(parent_of(path));
}

status rename_directory(const std::string& from, const std::string& to) {
  if (auto synced = sync_directory(from); !synced.ok()) {
    return synced;
  }
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return system_failure("rename to", to);
  }
  return sync_directory(parent_of(to));
}

raft::expected<std::string, status> read_file(const std::string& path) {
  const open_file file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return raft::unexpected(system_failure("open", path));
  }
  std::string content;
  char part[4096];
  for (;;) {
    const auto got = ::read(file.number(), part, sizeof part);
    if (got == 0) {
      return content;
    }
    if (got < 0 && errno != EINTR) {
      return raft::unexpected(system_failure("read", path));
    }
    content.append(part, got < 0 ? 0 : static_cast<std::size_t>(got));
  }
}

}  // namespace troupe::persistence

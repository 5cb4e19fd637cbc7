#include "persistence/snapshot.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "codec/checksum.hpp"
#include "codec/raft_codec.hpp"
#include "persistence/big_endian.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/sealed_record.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

constexpr std::string_view seal_key = "troupe snapshot 1";
constexpr std::size_t block_bytes = 1U << 20U;
constexpr std::size_t name_bytes_max = 64;

/// One descriptor, closed on every way out.
class descriptor {
 public:
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

status damaged(const std::string& what) {
  return {status_code::corrupt, "snapshot " + what};
}

bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= name_bytes_max && name.front() != '.' &&
         name != "manifest" && std::all_of(name.begin(), name.end(), fits);
}

/// Takes records of fixed and of counted length off the front of a view.
class taker {
 public:
  explicit taker(std::string_view from) : left_(from) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool is_empty() const { return left_.empty(); }

  template <class Number>
  Number number() {
    const auto bytes = text(sizeof(Number));
    return ok_ ? read_big_endian<Number>(bytes) : Number{};
  }
  std::string_view text(std::size_t size) {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return {};
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

raft::expected<snapshot_manifest, status> decode_body(std::string_view body) {
  taker t(body);
  snapshot_manifest m;
  m.group = raft::group_id{t.number<std::uint64_t>()};
  m.point.index = raft::log_index{t.number<std::uint64_t>()};
  m.point.term = raft::term{t.number<std::uint64_t>()};
  const auto peers = t.text(t.number<std::uint32_t>());
  const auto count = t.number<std::uint32_t>();
  if (!t.ok() || count > snapshot_files_max) {
    return unexpected(damaged("manifest: files: " + std::to_string(count) + ", at most " +
                              std::to_string(snapshot_files_max)));
  }
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < count && t.ok(); ++i) {
    auto& file = m.files.emplace_back();
    file.name = t.text(t.number<std::uint8_t>());
    file.bytes = t.number<std::uint64_t>();
    file.checksum = t.number<std::uint64_t>();
    total += std::min(file.bytes, snapshot_bytes_max);
    const bool is_new = std::none_of(m.files.begin(), m.files.end() - 1,
                                     [&](const auto& f) { return f.name == file.name; });
    if (!is_name(file.name) || !is_new || total > snapshot_bytes_max) {
      return unexpected(damaged("manifest: file '" + file.name +
                                "': its name or size is not one that an exporter gives"));
    }
  }
  auto decoded = codec::decode_configuration(peers);
  if (!t.ok() || !t.is_empty() || !decoded || m.group.is_none() || m.point.index.is_none() ||
      m.point.term.is_none()) {
    return unexpected(damaged("manifest: is not in the form of one"));
  }
  m.point.peers = std::move(*decoded);
  return m;
}

/// Sizes first: they cost nothing.
status verify_files(const std::string& directory, const snapshot_manifest& manifest) {
  for (const auto& file : manifest.files) {
    const std::string path = directory + "/" + file.name;
    std::error_code failed;
    if (std::filesystem::file_size(path, failed) != file.bytes || failed) {
      return damaged("file " + path + " is missing, or not as long as its manifest says");
    }
  }
  for (const auto& file : manifest.files) {
    const std::string path = directory + "/" + file.name;
    const auto sum = checksum_of_file(path);
    if (!sum) {
      return sum.error();
    }
    if (*sum != file.checksum) {
      return damaged("file " + path + " is damaged: its checksum does not match");
    }
  }
  return {};
}

}  // namespace

std::string encode_manifest(const snapshot_manifest& m) {
  std::string body;
  append_big_endian(body, m.group.value());
  append_big_endian(body, m.point.index.value());
  append_big_endian(body, m.point.term.value());
  const auto peers = codec::encode_configuration(m.point.peers);
  append_big_endian(body, static_cast<std::uint32_t>(peers.size()));
  body += peers;
  append_big_endian(body, static_cast<std::uint32_t>(m.files.size()));
  for (const auto& file : m.files) {
    append_big_endian(body, static_cast<std::uint8_t>(file.name.size()));
    body += file.name;
    append_big_endian(body, file.bytes);
    append_big_endian(body, file.checksum);
  }
  return seal(seal_key, std::move(body));
}

raft::expected<snapshot_manifest, status> decode_manifest(std::string_view record) {
  const auto body = unseal(seal_key, record);
  if (!body) {
    return unexpected(damaged("manifest: its checksum does not match"));
  }
  return decode_body(*body);
}

std::string manifest_path(const std::string& directory) {
  return directory + "/manifest";
}

raft::expected<std::uint64_t, status> checksum_of_file(const std::string& path) {
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return unexpected(system_failure("open", path));
  }
  std::uint64_t sum = 0;
  std::string block(block_bytes, '\0');
  for (std::size_t held = 0;;) {
    const auto got = ::read(file.number(), block.data() + held, block_bytes - held);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return unexpected(system_failure("read", path));
    }
    held += static_cast<std::size_t>(got);
    if (held == 0) {
      return sum;
    }
    if (got == 0 || held == block_bytes) {
      std::string before;
      append_big_endian(before, sum);
      sum = codec::checksum64(before, std::string_view(block).substr(0, held));
      held = 0;
    }
  }
}

// ---- reading -----------------------------------------------------------------------------------

raft::expected<snapshot_reader, status> snapshot_reader::open(const std::string& directory) {
  const auto record = read_file(manifest_path(directory));
  if (!record) {
    return unexpected(record.error());
  }
  auto manifest = decode_manifest(*record);
  if (!manifest) {
    return unexpected(manifest.error());
  }
  return snapshot_reader(directory, std::move(*manifest));
}

raft::expected<std::string, status> snapshot_reader::read(const std::string& name,
                                                          std::uint64_t offset,
                                                          std::size_t bytes_max) const {
  const std::string path = directory_ + "/" + name;
  const bool is_listed = std::any_of(manifest_.files.begin(), manifest_.files.end(),
                                     [&](const auto& f) { return f.name == name; });
  if (!is_listed) {
    return unexpected(damaged("file " + path + " is not in the manifest"));
  }
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return unexpected(system_failure("open", path));
  }
  std::string bytes(bytes_max, '\0');
  const auto got = ::pread(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (got < 0) {
    return unexpected(system_failure("read", path));
  }
  if (got == 0) {
    return unexpected(damaged("file " + path + " is shorter than its manifest says"));
  }
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

status snapshot_reader::verify() const {
  return verify_files(directory_, manifest_);
}

// ---- receiving ---------------------------------------------------------------------------------

raft::expected<snapshot_receiver, status> snapshot_receiver::begin(const std::string& directory,
                                                                   snapshot_manifest manifest) {
  std::error_code failed;
  std::filesystem::remove_all(directory, failed);
  if (!std::filesystem::create_directories(directory, failed) || failed) {
    return unexpected(
        status(status_code::io_error, "create " + directory + ": " + failed.message()));
  }
  snapshot_receiver receiver(directory, std::move(manifest));
  receiver.pass_empty_files();
  return receiver;
}

void snapshot_receiver::pass_empty_files() {
  while (file_ < manifest_.files.size() && offset_ >= manifest_.files[file_].bytes) {
    ++file_;
    offset_ = 0;
  }
}

status snapshot_receiver::chunk(const std::string& name, std::uint64_t offset,
                                std::string_view bytes) {
  const bool is_next = file_ < manifest_.files.size() && manifest_.files[file_].name == name &&
                       offset == offset_ && !bytes.empty() &&
                       bytes.size() <= manifest_.files[file_].bytes - offset_;
  if (!is_next) {
    return damaged("part: " + std::to_string(bytes.size()) + " bytes of file '" + name + "' at " +
                   std::to_string(offset) + " are not the next ones");
  }
  const std::string path = directory_ + "/" + name;
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!file.valid()) {
    return system_failure("open", path);
  }
  for (std::size_t written = 0; written < bytes.size();) {
    const auto took = ::write(file.number(), bytes.data() + written, bytes.size() - written);
    if (took < 0 && errno != EINTR) {
      return system_failure("write", path);
    }
    written += took < 0 ? 0 : static_cast<std::size_t>(took);
  }
  offset_ += bytes.size();
  if (offset_ == manifest_.files[file_].bytes && ::fsync(file.number()) != 0) {
    return system_failure("sync", path);
  }
  pass_empty_files();
  return {};
}

status snapshot_receiver::finish() {
  if (file_ < manifest_.files.size()) {
    return damaged("transfer: ended before file '" + manifest_.files[file_].name + "' was whole");
  }
  if (auto fine = verify_files(directory_, manifest_); !fine.ok()) {
    return fine;
  }
  return replace_file(manifest_path(directory_), encode_manifest(manifest_));
}

}  // namespace troupe::persistence

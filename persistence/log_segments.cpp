// log_segments: see the header.
#include "persistence/log_segments.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

constexpr std::size_t digits = 16;
constexpr std::string_view ending = ".segment";

rocksdb::EnvOptions plain_files() {
  rocksdb::EnvOptions options;
  options.use_mmap_writes = false;
  options.use_mmap_reads = false;
  return options;
}

}  // namespace

std::string segment_path(const std::string& directory, segment_number number) {
  char name[digits + 1];
  std::snprintf(name, sizeof name, "%016u", number);
  return directory + "/" + name + std::string(ending);
}

raft::expected<std::vector<segment_number>, status> list_segments(rocksdb::Env& env,
                                                                  const std::string& directory) {
  std::vector<std::string> names;
  if (const auto listed = env.GetChildren(directory, &names); !listed.ok()) {
    return unexpected(to_status(listed, "list", directory));
  }
  std::vector<segment_number> numbers;
  for (const auto& name : names) {
    if (name.size() == digits + ending.size() && name.ends_with(ending) &&
        name.find_first_not_of("0123456789") == digits) {
      const auto number = std::stoull(name.substr(0, digits));
      if (number <= UINT32_MAX) numbers.push_back(static_cast<segment_number>(number));
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

raft::expected<segment_file, status> open_segment(rocksdb::Env& env, const std::string& directory,
                                                  segment_number number) {
  const auto path = segment_path(directory, number);
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  if (const auto opened = env.NewRandomAccessFile(path, &file, plain_files()); !opened.ok()) {
    return unexpected(to_status(opened, "open", path));
  }
  return segment_file(std::move(file));
}

raft::expected<std::string_view, status> read_segment(const rocksdb::RandomAccessFile& file,
                                                      const std::string& path,
                                                      std::uint64_t bytes_max,
                                                      std::string& buffer) {
  if (buffer.size() < bytes_max) buffer.resize(bytes_max);
  std::size_t got = 0;
  while (got < bytes_max) {
    rocksdb::Slice part;
    const auto read = file.Read(got, bytes_max - got, &part, buffer.data() + got);
    if (!read.ok()) return unexpected(to_status(read, "read", path));
    if (part.empty()) break;
    // An Env may answer out of memory of its own.
    if (part.data() != buffer.data() + got) {
      std::copy_n(part.data(), part.size(), buffer.data() + got);
    }
    got += part.size();
  }
  return std::string_view(buffer.data(), got);
}

segment_writer::segment_writer(rocksdb::Env& env, const std::string& directory,
                               segment_number number)
    : env_(&env), directory_(directory), number_(number) {}
segment_writer::segment_writer(segment_writer&&) noexcept = default;

segment_writer::~segment_writer() {
  // Whatever counts is synced; what a failure leaves is zeros behind the end, as after a crash.
  if (file_) file_->Close().PermitUncheckedError();
}

raft::expected<segment_writer, status> segment_writer::create(rocksdb::Env& env,
                                                              const std::string& directory,
                                                              segment_number number,
                                                              std::uint64_t first_batch) {
  segment_writer made(env, directory, number);
  const auto path = segment_path(directory, number);
  if (const auto created = env.NewWritableFile(path, &made.file_, plain_files()); !created.ok()) {
    return unexpected(to_status(created, "create", path));
  }
  auto readable = open_segment(env, directory, number);
  if (!readable) return unexpected(readable.error());
  made.readable_ = *std::move(readable);
  if (auto written = made.append(encode_segment_header({number, first_batch})); !written.ok()) {
    return unexpected(std::move(written));
  }
  return made;
}

status segment_writer::append(std::string_view frame) {
  const auto written = file_->Append(rocksdb::Slice(frame.data(), frame.size()));
  if (!written.ok()) return to_status(written, "write", segment_path(directory_, number_));
  bytes_ += frame.size();
  return {};
}

status segment_writer::sync() {
  auto outcome = file_->Sync();
  if (outcome.ok() && !named_) {
    std::unique_ptr<rocksdb::Directory> directory;
    outcome = env_->NewDirectory(directory_, &directory);
    if (outcome.ok()) outcome = directory->Fsync();
    named_ = outcome.ok();
  }
  return to_status(outcome, "sync", segment_path(directory_, number_));
}

}  // namespace troupe::persistence

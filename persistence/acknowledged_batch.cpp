// acknowledged_batch: see the header. Two slots of 16 bytes, each a sealed number, in pages of
// their own; numbers go to them in turn, so that a torn write leaves the other one. On disk: do not
// change.
#include "persistence/acknowledged_batch.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "persistence/big_endian.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/rocks_status.hpp"
#include "persistence/sealed_record.hpp"

namespace troupe::persistence {
namespace {

constexpr std::string_view seal_key = "acknowledged";
constexpr std::uint64_t page_bytes = 4096;
constexpr std::size_t slot_bytes = 16;

std::string encode_slot(std::uint64_t number) {
  std::string body;
  append_big_endian(body, number);
  return seal(seal_key, std::move(body));
}

std::optional<std::uint64_t> decode_slot(std::string_view slot) {
  const auto body = unseal(seal_key, slot);
  return body && body->size() == sizeof(std::uint64_t)
             ? std::optional(read_big_endian<std::uint64_t>(*body))
             : std::nullopt;
}

}  // namespace

status acknowledged_batch::create(rocksdb::Env& env, const std::string& path) {
  // Under another name until it is whole: a process that dies in between leaves no damaged file.
  const std::string temporary = path + ".new";
  std::unique_ptr<rocksdb::WritableFile> file;
  auto outcome = env.NewWritableFile(temporary, &file, {});
  if (outcome.ok()) {
    std::string content = encode_slot(0);
    content.resize(page_bytes);
    content += encode_slot(0);
    outcome = file->Append(content);
  }
  if (outcome.ok()) {
    outcome = file->Fsync();
  }
  if (outcome.ok()) {
    outcome = file->Close();
  }
  if (outcome.ok()) {
    outcome = env.RenameFile(temporary, path);
  }
  std::unique_ptr<rocksdb::Directory> directory;
  if (outcome.ok()) {
    outcome = env.NewDirectory(parent_of(path), &directory);
  }
  if (outcome.ok()) {
    outcome = directory->Fsync();
  }
  return to_status(outcome, "create", path);
}

raft::expected<std::unique_ptr<acknowledged_batch>, status> acknowledged_batch::open(
    rocksdb::Env& env, const std::string& path) {
  if (env.FileExists(path).IsNotFound()) {
    return raft::unexpected(status(status_code::corrupt,
                                   path + " is missing: without it nothing tells whether the log " +
                                       "is whole; restore it, or wipe and re-add this node"));
  }
  std::unique_ptr<rocksdb::RandomRWFile> file;
  auto outcome = env.NewRandomRWFile(path, &file, {});
  std::optional<std::uint64_t> number;
  for (const std::uint64_t offset : {std::uint64_t{0}, page_bytes}) {
    char space[slot_bytes];
    rocksdb::Slice slot;
    if (outcome.ok()) {
      outcome = file->Read(offset, slot_bytes, &slot, space);
    }
    if (outcome.ok()) {
      number = std::max(number, decode_slot(slot.ToStringView()));
    }
  }
  if (!outcome.ok()) {
    return raft::unexpected(to_status(outcome, "read", path));
  }
  if (!number) {
    return raft::unexpected(status(status_code::corrupt, path + " is damaged in both slots"));
  }
  return std::unique_ptr<acknowledged_batch>(
      new acknowledged_batch(std::move(file), path, *number));
}

acknowledged_batch::acknowledged_batch(std::unique_ptr<rocksdb::RandomRWFile> file,
                                       std::string path, std::uint64_t number)
    : file_(std::move(file)), path_(std::move(path)), number_(number) {}

acknowledged_batch::~acknowledged_batch() {
  file_->Close().PermitUncheckedError();
}

status acknowledged_batch::raise(std::uint64_t number) {
  const auto offset = (number % 2) * page_bytes;
  const auto outcome = file_->Write(offset, encode_slot(number));
  if (outcome.ok()) {
    number_ = number;
  }
  return to_status(outcome, "write", path_);
}

status acknowledged_batch::sync() {
  return to_status(file_->Sync(), "sync", path_);
}

}  // namespace troupe::persistence

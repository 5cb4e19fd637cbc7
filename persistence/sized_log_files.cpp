#include "persistence/sized_log_files.hpp"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

namespace troupe::persistence {
namespace {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// How far ahead a file has its size; so often the size is written after all.
constexpr std::uint64_t step_bytes = 4U << 20U;

bool is_log(const std::string& path) {
  constexpr std::string_view ending = ".segment";
  return path.size() > ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

class sized_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  sized_file(std::unique_ptr<FSWritableFile>&& file, const std::string& path)
      : FSWritableFileOwnerWrapper(std::move(file)),
        descriptor_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)) {}
  ~sized_file() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    make_room(data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    make_room(data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    // What stays behind the end, should this fail, is zeros as after a crash.
    if (sized_ > written_) static_cast<void>(!::ftruncate(descriptor_, to_offset(written_)));
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }

 private:
  static off_t to_offset(std::uint64_t bytes) { return static_cast<off_t>(bytes); }

  void make_room(std::uint64_t bytes) {
    written_ += bytes;
    if (descriptor_ < 0 || written_ <= sized_) return;
    const auto wanted = (written_ / step_bytes + 1) * step_bytes;
    if (::fallocate(descriptor_, 0, 0, to_offset(wanted)) == 0) {
      sized_ = wanted;
    } else {
      ::close(std::exchange(descriptor_, -1));
    }
  }

  int descriptor_;  ///< -1: the file grows as it is written
  std::uint64_t written_ = 0;
  std::uint64_t sized_ = 0;
};

class file_system final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  [[nodiscard]] const char* Name() const override { return "troupe.sized_log_files"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    auto made = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (made.ok() && is_log(path)) *file = std::make_unique<sized_file>(std::move(*file), path);
    return made;
  }
};

}  // namespace

rocksdb::Env* sized_log_files() {
  static const auto env =
      rocksdb::NewCompositeEnv(std::make_shared<file_system>(rocksdb::FileSystem::Default()));
  return env.get();
}

}  // namespace troupe::persistence

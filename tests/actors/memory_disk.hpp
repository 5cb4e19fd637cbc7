// memory_disk: a disk in memory on which stores are opened, closed and opened again within
// milliseconds; counts the syncs of logs and fails them when told to.
#pragma once

#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "persistence/log_store.hpp"
#include "persistence/state_store.hpp"

namespace troupe::testing {

class memory_disk final : public rocksdb::EnvWrapper {
 public:
  memory_disk()
      : rocksdb::EnvWrapper(
            std::unique_ptr<rocksdb::Env>(rocksdb::NewMemEnv(rocksdb::Env::Default()))) {}

  /// Of the log.
  std::size_t syncs = 0;
  bool failing = false;

  rocksdb::Status NewWritableFile(const std::string& path,
                                  std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    auto opened = rocksdb::EnvWrapper::NewWritableFile(path, file, options);
    if (opened.ok() && path.ends_with(".segment")) {
      *file = std::make_unique<log_file>(std::move(*file), *this);
    }
    return opened;
  }

  std::shared_ptr<persistence::log_store> open_log(const std::string& path) {
    persistence::log_store_options o;
    o.path = path;
    o.segment_bytes = 1U << 20U;
    o.env = this;
    auto opened = persistence::log_store::open(o);
    if (!opened) FAIL(opened.error().message());
    return std::move(*opened);
  }
  std::shared_ptr<persistence::state_store> open_states(const std::string& path) {
    persistence::state_store_options o;
    o.path = path;
    o.write_buffer_bytes = 1U << 20U;
    o.block_cache_bytes = 1U << 20U;
    o.env = this;
    auto opened = persistence::state_store::open(o);
    if (!opened) FAIL(opened.error().message());
    return std::move(*opened);
  }

 private:
  class log_file final : public rocksdb::WritableFileWrapper {
   public:
    log_file(std::unique_ptr<rocksdb::WritableFile> file, memory_disk& disk)
        : rocksdb::WritableFileWrapper(file.get()), file_(std::move(file)), disk_(disk) {}
    rocksdb::Status Sync() override { return sync(); }
    rocksdb::Status Fsync() override { return sync(); }

   private:
    rocksdb::Status sync() {
      if (disk_.failing) return rocksdb::Status::IOError("the device failed");
      ++disk_.syncs;
      return file_->Sync();
    }
    std::unique_ptr<rocksdb::WritableFile> file_;
    memory_disk& disk_;
  };
};

}  // namespace troupe::testing

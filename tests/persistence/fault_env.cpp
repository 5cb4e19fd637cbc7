// fault_env: see the header.
#include "tests/persistence/fault_env.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace troupe::persistence {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

std::string parent(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

/// RocksDB's diagnostics; nobody relies on them.
bool is_diagnostic(const std::string& path) {
  return std::filesystem::path(path).filename().string().starts_with("LOG");
}

/// Of the log or the state: what is synced while it grows.
bool is_appended(const std::string& path) {
  return path.ends_with(".segment") || path.ends_with(".log");
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_content(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace

class watched_file final : public rocksdb::WritableFileWrapper {
 public:
  watched_file(fault_env& env, std::string path, std::unique_ptr<rocksdb::WritableFile> file)
      : rocksdb::WritableFileWrapper(file.get()),
        env_(env),
        path_(std::move(path)),
        file_(std::move(file)) {}

  Status Append(const Slice& data) override {
    if (auto refused = env_.change(); !refused.ok()) {
      return refused;
    }
    const auto fits = env_.take_space(data.size());
    auto outcome = file_->Append(Slice(data.data(), fits));
    if (outcome.ok()) {
      outcome = file_->Flush();
    }
    if (outcome.ok()) {
      outcome = env_.note_appended(path_, fits);
    }
    return outcome.ok() && fits < data.size() ? Status::NoSpace() : outcome;
  }
  Status Append(const Slice& data, const rocksdb::DataVerificationInfo&) override {
    return Append(data);
  }
  Status Truncate(std::uint64_t size) override { return file_->Truncate(size); }
  Status Sync() override {
    return env_.sync_file(path_);  // the real disk is not asked: no test cuts its power
  }
  Status Fsync() override { return Sync(); }

 private:
  fault_env& env_;
  std::string path_;
  std::unique_ptr<rocksdb::WritableFile> file_;
};

class watched_rw_file final : public rocksdb::RandomRWFile {
 public:
  watched_rw_file(fault_env& env, std::string path, std::unique_ptr<rocksdb::RandomRWFile> file)
      : env_(env), path_(std::move(path)), file_(std::move(file)) {}

  Status Write(std::uint64_t offset, const Slice& data) override {
    if (auto refused = env_.change(); !refused.ok()) {
      return refused;
    }
    std::string before(data.size(), '\0');
    Slice read;
    if (auto outcome = file_->Read(offset, data.size(), &read, before.data()); !outcome.ok()) {
      return outcome;
    }
    const std::lock_guard guard(env_.mutex_);
    env_.files_[path_].overwritten.emplace_back(offset, read.ToString());
    return file_->Write(offset, data);
  }
  Status Read(std::uint64_t offset, std::size_t n, Slice* result, char* scratch) const override {
    return file_->Read(offset, n, result, scratch);
  }
  Status Flush() override { return file_->Flush(); }
  Status Sync() override {
    return env_.sync_file(path_);  // the real disk is not asked: no test cuts its power
  }
  Status Close() override { return file_->Close(); }

 private:
  fault_env& env_;
  std::string path_;
  std::unique_ptr<rocksdb::RandomRWFile> file_;
};

class watched_directory final : public rocksdb::Directory {
 public:
  watched_directory(fault_env& env, std::string path) : env_(env), path_(std::move(path)) {}
  Status Fsync() override {
    if (auto refused = env_.change(); !refused.ok()) {
      return refused;
    }
    env_.sync_entries(path_);
    return Status::OK();
  }
  Status Close() override { return Status::OK(); }

 private:
  fault_env& env_;
  std::string path_;
};

// ---- faults -------------------------------------------------------------------------------------

void fault_env::fail_next_sync(const std::string& name_end) {
  const std::lock_guard guard(mutex_);
  failing_sync_ = name_end;
}

void fault_env::set_space_left(std::optional<std::uint64_t> bytes) {
  const std::lock_guard guard(mutex_);
  space_left_ = bytes;
}

void fault_env::hold_tables(bool held) {
  const std::lock_guard guard(mutex_);
  tables_held_ = held;
  tables_free_.notify_all();
}

void fault_env::freeze() {
  const std::lock_guard guard(mutex_);
  frozen_ = true;
}

void fault_env::freeze_after(std::uint64_t operations) {
  const std::lock_guard guard(mutex_);
  operations_left_ = operations;
}

bool fault_env::frozen() const {
  const std::lock_guard guard(mutex_);
  return frozen_;
}

void fault_env::thaw() {
  const std::lock_guard guard(mutex_);
  frozen_ = false;
  operations_left_.reset();
}

std::uint64_t fault_env::unsynced_log_bytes() const {
  const std::lock_guard guard(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& [path, state] : files_) {
    bytes += is_appended(path) ? state.size - state.synced : 0;
  }
  return bytes;
}

void fault_env::drop_unsynced(torn_tail tail) {
  const std::lock_guard guard(mutex_);
  for (auto& [path, state] : files_) {
    cut(path, state, is_appended(path) ? tail : torn_tail{});
    state.size = state.synced =
        std::filesystem::exists(path) ? std::filesystem::file_size(path) : 0;
    state.overwritten.clear();
  }
  for (auto c = changes_.rbegin(); c != changes_.rend(); ++c) {
    undo(*c);
  }
  changes_.clear();
  std::erase_if(files_, [](const auto& f) { return !std::filesystem::exists(f.first); });
}

void fault_env::cut(const std::string& path, const file_state& state, const torn_tail& tail) const {
  if (!std::filesystem::exists(path)) {
    return;
  }
  auto text = content_of(path);
  for (auto o = state.overwritten.rbegin(); o != state.overwritten.rend(); ++o) {
    text.replace(o->first, o->second.size(), o->second);
  }
  if (state.overwritten.empty()) {
    const auto kept = std::min(state.size, state.synced + tail.kept_bytes);
    text.resize(std::min<std::uint64_t>(text.size(), kept));
    const auto zeroed_end = std::min<std::uint64_t>(text.size(), state.synced + tail.zeroed_bytes);
    for (auto i = state.synced; i < zeroed_end; ++i) {
      text[i] = '\0';
    }
  }
  write_content(path, text);
}

void fault_env::undo(const unsynced_change& c) {
  using kind = unsynced_change::kind;
  if (c.what == kind::directory_created || c.what == kind::created) {
    std::filesystem::remove_all(c.path);
    return;
  }
  if (c.what == kind::renamed && std::filesystem::exists(c.path)) {
    std::filesystem::rename(c.path, c.from);
    files_[c.from] = files_[c.path];
  }
  if (c.content && std::filesystem::exists(parent(c.path))) {
    write_content(c.path, *c.content);
    files_[c.path] = {c.content->size(), c.content->size(), {}};
  }
}

// ---- bookkeeping --------------------------------------------------------------------------------

Status fault_env::change() {
  const std::lock_guard guard(mutex_);
  if (operations_left_) {
    if (*operations_left_ == 0) {
      frozen_ = true;
    } else {
      --*operations_left_;
    }
  }
  return frozen_ ? Status::IOError("the disk is frozen by the test") : Status::OK();
}

Status fault_env::note_appended(const std::string& path, std::uint64_t bytes) {
  const std::lock_guard guard(mutex_);
  files_[path].size += bytes;
  return Status::OK();
}

std::uint64_t fault_env::take_space(std::uint64_t bytes) {
  const std::lock_guard guard(mutex_);
  if (!space_left_) {
    return bytes;
  }
  const auto fits = std::min(bytes, *space_left_);
  *space_left_ -= fits;
  return fits;
}

Status fault_env::sync_file(const std::string& path) {
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  const std::lock_guard guard(mutex_);
  if (failing_sync_ && path.ends_with(*failing_sync_)) {
    failing_sync_.reset();
    return Status::IOError("the sync fails by order of the test");
  }
  auto& state = files_[path];
  state.synced = state.size;
  state.overwritten.clear();
  return Status::OK();
}

void fault_env::sync_entries(const std::string& directory) {
  const std::lock_guard guard(mutex_);
  std::erase_if(changes_, [&](const auto& c) {
    return std::filesystem::path(parent(c.path)).lexically_normal() ==
           std::filesystem::path(directory + "/").parent_path().lexically_normal();
  });
}

std::optional<std::string> fault_env::durable_content(const std::string& path) {
  const auto known = files_.find(path);
  if (known == files_.end() || !std::filesystem::exists(path)) {
    return std::nullopt;
  }
  auto text = content_of(path);
  text.resize(std::min<std::uint64_t>(text.size(), known->second.synced));
  return text;
}

// ---- rocksdb::Env -------------------------------------------------------------------------------

Status fault_env::NewWritableFile(const std::string& path,
                                  std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) {
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  {
    std::unique_lock guard(mutex_);
    const bool is_table = path.ends_with(".sst") || path.ends_with("written-back.new");
    tables_free_.wait(guard, [&] { return !tables_held_ || !is_table; });
    changes_.push_back({unsynced_change::kind::created, path, {}, {}});
    files_[path] = {};
  }
  std::unique_ptr<rocksdb::WritableFile> real;
  auto outcome = EnvWrapper::NewWritableFile(path, &real, options);
  if (outcome.ok()) {
    *file = std::make_unique<watched_file>(*this, path, std::move(real));
  }
  return outcome;
}

Status fault_env::ReopenWritableFile(const std::string& path,
                                     std::unique_ptr<rocksdb::WritableFile>* file,
                                     const rocksdb::EnvOptions& options) {
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  std::unique_ptr<rocksdb::WritableFile> real;
  auto outcome = EnvWrapper::ReopenWritableFile(path, &real, options);
  if (outcome.ok()) {
    *file = std::make_unique<watched_file>(*this, path, std::move(real));
  }
  return outcome;
}

Status fault_env::NewRandomRWFile(const std::string& path,
                                  std::unique_ptr<rocksdb::RandomRWFile>* file,
                                  const rocksdb::EnvOptions& options) {
  std::unique_ptr<rocksdb::RandomRWFile> real;
  auto outcome = EnvWrapper::NewRandomRWFile(path, &real, options);
  if (outcome.ok()) {
    *file = std::make_unique<watched_rw_file>(*this, path, std::move(real));
  }
  return outcome;
}

Status fault_env::NewDirectory(const std::string& path,
                               std::unique_ptr<rocksdb::Directory>* directory) {
  if (!std::filesystem::is_directory(path)) {
    return Status::IOError("no such directory", path);
  }
  *directory = std::make_unique<watched_directory>(*this, path);
  return Status::OK();
}

Status fault_env::CreateDir(const std::string& path) {
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  auto outcome = EnvWrapper::CreateDir(path);
  if (outcome.ok()) {
    const std::lock_guard guard(mutex_);
    changes_.push_back({unsynced_change::kind::directory_created, path, {}, {}});
  }
  return outcome;
}

Status fault_env::CreateDirIfMissing(const std::string& path) {
  return std::filesystem::is_directory(path) ? Status::OK() : CreateDir(path);
}

Status fault_env::DeleteFile(const std::string& path) {
  if (is_diagnostic(path)) {
    return EnvWrapper::DeleteFile(path);
  }
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  {
    const std::lock_guard guard(mutex_);
    changes_.push_back({unsynced_change::kind::deleted, path, {}, durable_content(path)});
    files_.erase(path);
  }
  return EnvWrapper::DeleteFile(path);
}

Status fault_env::Truncate(const std::string& path, std::size_t size) {
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  return EnvWrapper::Truncate(path, size);
}

Status fault_env::RenameFile(const std::string& from, const std::string& to) {
  if (is_diagnostic(from)) {
    return EnvWrapper::RenameFile(from, to);
  }
  if (auto refused = change(); !refused.ok()) {
    return refused;
  }
  const std::lock_guard guard(mutex_);
  changes_.push_back({unsynced_change::kind::renamed, to, from, durable_content(to)});
  files_[to] = files_[from];
  files_.erase(from);
  return EnvWrapper::RenameFile(from, to);
}

Status fault_env::LinkFile(const std::string&, const std::string&) {
  return Status::NotSupported("hard links are not watched");
}

void fault_env::SleepForMicroseconds(int micros) {
  EnvWrapper::SleepForMicroseconds(std::min(micros, 1000));
}

}  // namespace troupe::persistence

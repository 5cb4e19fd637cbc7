// log_recovery: see the header.
#include "persistence/log_recovery.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "persistence/log_frames.hpp"
#include "persistence/log_replay.hpp"
#include "persistence/rocks_database.hpp"
#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

using raft::unexpected;

constexpr std::string_view what_helps = "; wipe this node and add it anew, or restore a backup";

class recovery {
 public:
  recovery(rocksdb::Env& env, const std::string& directory) : env_(env), directory_(directory) {}

  raft::expected<recovered_log, status> run() {
    for (const auto step :
         {&recovery::take_directory, &recovery::find_segments, &recovery::open_acknowledged,
          &recovery::read_headers, &recovery::read_segments, &recovery::secure_last,
          &recovery::take_contents, &recovery::delete_leftovers}) {
      if (auto done = (this->*step)(); !done.ok()) return unexpected(std::move(done));
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] status corrupt(segment_number segment, std::size_t at,
                               const std::string& what) const {
    return {status_code::corrupt, segment_path(directory_, segment) + ", offset " +
                                      std::to_string(at) + ": " + what + std::string(what_helps)};
  }
  [[nodiscard]] status lost() const {
    return {status_code::corrupt, directory_ + ": the log ends at batch " +
                                      std::to_string(found_.last_batch) + ", but batch " +
                                      std::to_string(found_.acknowledged->number()) +
                                      " was acknowledged: synced records are damaged or missing" +
                                      std::string(what_helps)};
  }

  status take_directory() {
    if (auto made = create_database_directory(env_, directory_); !made.ok()) return made;
    auto lock = log_lock::take(env_, directory_);
    if (!lock) return lock.error();
    found_.lock = *std::move(lock);
    if (!env_.FileExists(directory_ + "/CURRENT").ok()) return {};
    return {status_code::mismatch,
            directory_ + " has format 'troupe log 1' (RocksDB), this program reads '" +
                std::string(log_version) +
                "'; use the program that wrote it, or wipe this node and add it anew"};
  }

  /// Deleted segments may have come back after a power loss, any of them: what counts is what
  /// stands without a gap before the newest.
  status find_segments() {
    auto listed = list_segments(env_, directory_);
    if (!listed) return listed.error();
    listed_ = *std::move(listed);
    auto first = listed_.end();
    while (first != listed_.begin() && (first == listed_.end() || *first - 1 == *(first - 1))) {
      --first;
    }
    numbers_.assign(first, listed_.end());
    return {};
  }

  status open_acknowledged() {
    const auto path = directory_ + "/ACKNOWLEDGED";
    // Without segments nothing was ever written, unless the number says otherwise.
    if (numbers_.empty() && env_.FileExists(path).IsNotFound()) {
      if (auto created = acknowledged_batch::create(env_, path); !created.ok()) return created;
    }
    auto opened = acknowledged_batch::open(env_, path);
    if (!opened) return opened.error();
    found_.acknowledged = *std::move(opened);
    return {};
  }

  /// A segment ends where the next one begins. One without a whole first frame begins nowhere: it
  /// was being made when the power went. Where it held more, the numbers of the batches will show
  /// it.
  status read_headers() {
    for (const auto number : numbers_) {
      auto file = open_segment(env_, directory_, number);
      if (!file) return file.error();
      files_[number] = *file;
      found_.contents.segments[number] = {*std::move(file), 0, 0};
      const auto text = read_part(number, segment_header_bytes + frame_header_bytes);
      if (!text) return text.error();
      const auto read = decode_segment_header(*text);
      if (!read.other_version.empty()) {
        return {status_code::mismatch, segment_path(directory_, number) + " has format '" +
                                           std::string(read.other_version) +
                                           "', this program reads '" + std::string(log_version) +
                                           "'; use the program that wrote it"};
      }
      if (!read.header || read.header->number != number) continue;
      const auto first = read_part(number, segment_header_bytes + first_frame_bytes(*text));
      if (!first) return first.error();
      const auto frame = read_frame(*first, segment_header_bytes);
      if (frame && frame->number == read.header->first_batch) {
        first_batches_[number] = frame->number;
      }
    }
    return {};
  }

  /// The file's beginning, in `buffer_`: so many bytes, or all when there are fewer.
  raft::expected<std::string_view, status> read_part(segment_number number, std::uint64_t bytes) {
    const auto path = segment_path(directory_, number);
    std::uint64_t size = 0;
    if (const auto sized = env_.GetFileSize(path, &size); !sized.ok()) {
      return unexpected(to_status(sized, "read", path));
    }
    return read_segment(*files_.at(number), path, std::min(bytes, size), buffer_);
  }
  raft::expected<std::string_view, status> read_whole(segment_number number) {
    return read_part(number, ~0ULL);
  }

  status read_segments() {
    for (auto at = first_batches_.begin(); at != first_batches_.end(); ++at) {
      const auto following = std::next(at);
      const bool is_last = following == first_batches_.end();
      auto read = read_frames(at->first, at->second, is_last ? ~0ULL : following->second);
      if (!read.ok()) return read;
    }
    for (auto number = numbers_.rbegin();
         number != numbers_.rend() && first_batches_.count(*number) == 0; ++number) {
      if (auto judged = judge_unfinished(*number); !judged.ok()) return judged;
    }
    buffer_ = {};
    if (found_.last_batch < found_.acknowledged->number()) return lost();
    return {};
  }

  /// The frames with numbers in [first, end).
  status read_frames(segment_number segment, std::uint64_t first, std::uint64_t end) {
    const auto text = read_whole(segment);
    if (!text) return text.error();
    std::size_t at = segment_header_bytes;
    auto expected = first;
    while (expected < end) {
      const auto frame = read_frame(*text, at);
      if (!frame || frame->number != expected) break;
      auto added = replay_.add(segment, frame->body_at, frame->body);
      if (!added.ok()) return corrupt(segment, at, added.message());
      if (expected > found_.acknowledged->number()) {
        last_frame_ = text->substr(at, frame->end() - at);
      }
      at = frame->end();
      ++expected;
    }
    found_.last_batch = expected - 1;
    found_.contents.segments[segment].bytes = at;
    if (expected == end) return {};
    return judge_end(segment, *text, at, end);
  }

  /// A power loss may tear the one frame that was under way: it was not acknowledged, and nothing
  /// was written behind it. Anything else is damage.
  status judge_end(segment_number segment, std::string_view text, std::size_t at,
                   std::uint64_t end) {
    if (end != ~0ULL) {
      return corrupt(segment, at,
                     "no batch " + std::to_string(found_.last_batch + 1) +
                         ", but a later segment begins with batch " + std::to_string(end));
    }
    if (found_.last_batch < found_.acknowledged->number()) return lost();
    if (const auto later = find_frame(text, at, found_.last_batch + 1)) {
      return corrupt(segment, at,
                     "no batch " + std::to_string(found_.last_batch + 1) + ", but batch " +
                         std::to_string(later->number) + " follows");
    }
    return {};
  }

  /// A segment at the end without a whole frame: nothing may stand behind what is torn.
  status judge_unfinished(segment_number segment) {
    const auto text = read_whole(segment);
    if (!text) return text.error();
    const auto from = std::min(text->size(), segment_header_bytes);
    if (const auto later = find_frame(*text, from, found_.last_batch)) {
      return corrupt(segment, 0,
                     "the segment's beginning is damaged, but batch " +
                         std::to_string(later->number) + " follows");
    }
    return {};
  }

  /// The last frame may never have been synced, or its sync may have failed: only the cache would
  /// hold it then. What is loaded must be durable, so it is written once more, to a new segment,
  /// whose header also ends the old one.
  status secure_last() {
    found_.next_segment = numbers_.empty() ? 1 : numbers_.back() + 1;
    if (last_frame_.empty()) return {};
    auto writer = segment_writer::create(env_, directory_, found_.next_segment, found_.last_batch);
    if (!writer) return writer.error();
    const auto body_at = segment_header_bytes + frame_header_bytes;
    if (auto done = writer->append(last_frame_); !done.ok()) return done;
    if (auto done = writer->sync(); !done.ok()) return done;
    if (auto done = found_.acknowledged->raise(found_.last_batch); !done.ok()) return done;
    found_.contents.segments[found_.next_segment] = {writer->file(), writer->bytes(), 0};
    found_.writer.emplace(*std::move(writer));
    // Records say what is, not what changes: the second time they change nothing but the place.
    return replay_.add(found_.next_segment++, body_at,
                       std::string_view(last_frame_).substr(frame_header_bytes));
  }

  status take_contents() {
    // Batch 1 is the first of all: nothing can be missing before it.
    const bool is_whole = first_batches_.empty() ||
                          first_batches_.begin()->first <= replay_.begin() ||
                          first_batches_.begin()->second == 1;
    if (!is_whole) {
      return {status_code::corrupt, segment_path(directory_, replay_.begin()) +
                                        " is missing, or its beginning is damaged" +
                                        std::string(what_helps)};
    }
    if (auto done = replay_.finish(found_.contents.groups); !done.ok()) {
      return {status_code::corrupt, directory_ + ": " + done.message() + std::string(what_helps)};
    }
    for (const auto& [id, group] : found_.contents.groups) found_.contents.count(group);
    return {};
  }

  status delete_leftovers() {
    for (const auto number : listed_) {
      if (number >= replay_.begin()) break;
      const auto held = found_.contents.segments.find(number);
      if (held != found_.contents.segments.end()) {
        if (held->second.live > 0) return corrupt(number, 0, "records that count stand here");
        found_.contents.segments.erase(held);
      }
      const auto path = segment_path(directory_, number);
      if (const auto deleted = env_.DeleteFile(path); !deleted.ok()) {
        return to_status(deleted, "delete", path);
      }
    }
    return {};
  }

  rocksdb::Env& env_;
  const std::string& directory_;
  std::vector<segment_number> listed_;
  std::vector<segment_number> numbers_;  ///< without gaps, up to the newest
  std::map<segment_number, segment_file> files_;
  std::map<segment_number, std::uint64_t> first_batches_;  ///< by segment
  std::string buffer_;
  std::string last_frame_;  ///< when it was not acknowledged
  log_replay replay_;
  recovered_log found_;
};

}  // namespace

class log_lock::held {
 public:
  held(rocksdb::Env& env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  ~held() { env_.UnlockFile(lock_).PermitUncheckedError(); }
  held(const held&) = delete;
  held& operator=(const held&) = delete;

 private:
  rocksdb::Env& env_;
  rocksdb::FileLock* lock_;
};

log_lock::log_lock(std::unique_ptr<held> lock) : held_(std::move(lock)) {}
log_lock::~log_lock() = default;

raft::expected<std::unique_ptr<log_lock>, status> log_lock::take(rocksdb::Env& env,
                                                                 const std::string& directory) {
  const auto path = directory + "/LOCK";
  rocksdb::FileLock* lock = nullptr;
  if (const auto locked = env.LockFile(path, &lock); !locked.ok()) {
    return unexpected(to_status(locked, "lock", path));
  }
  return std::unique_ptr<log_lock>(new log_lock(std::make_unique<held>(env, lock)));
}

raft::expected<recovered_log, status> recover_log(rocksdb::Env& env, const std::string& directory) {
  return recovery(env, directory).run();
}

}  // namespace troupe::persistence

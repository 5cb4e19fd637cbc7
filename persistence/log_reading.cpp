// log_reading: see the header.
#include "persistence/log_reading.hpp"

#include <rocksdb/env.h>

#include <memory>
#include <utility>

#include "codec/raft_codec.hpp"
#include "persistence/rocks_status.hpp"

namespace troupe::persistence {
namespace {

/// One read takes so much; an entry that someone keeps holds on to all of it.
constexpr std::uint64_t read_bytes_max = 128U << 10U;
/// What stands between two entries and is read along: headers, entries of other groups.
constexpr std::uint64_t gap_bytes_max = 4U << 10U;

std::uint64_t end_of(const entry_place& place) {
  return std::uint64_t{place.at} + place.bytes;
}

/// How many places from the first on one read covers.
std::size_t neighbours(std::span<const entry_place> places) {
  std::size_t count = 1;
  while (count < places.size() && places[count].segment == places[0].segment &&
         places[count].at >= end_of(places[count - 1]) &&
         places[count].at - end_of(places[count - 1]) <= gap_bytes_max &&
         end_of(places[count]) - places[0].at <= read_bytes_max) {
    ++count;
  }
  return count;
}

class reading {
 public:
  reading(const std::string& directory, raft::group_id group, const take_entry& take)
      : directory_(directory), group_(group), take_(take) {}

  /// Entries of one segment, with one read. `more` becomes false when no further one is wanted.
  status read(const rocksdb::RandomAccessFile& file, raft::log_index first,
              std::span<const entry_place> places, bool& more) {
    const auto from = places.front().at;
    auto text = std::make_shared<std::string>(end_of(places.back()) - from, '\0');
    rocksdb::Slice got;
    const auto outcome = file.Read(from, text->size(), &got, text->data());
    if (!outcome.ok()) {
      return to_status(outcome, "read", segment_path(directory_, places.front().segment));
    }
    if (got.size() < text->size()) return damaged(first, places.front(), "the segment ends");
    // An Env may answer out of memory of its own.
    if (got.data() != text->data()) text->assign(got.data(), got.size());
    for (std::size_t i = 0; i < places.size() && more; ++i, first = next(first)) {
      const raft::bytes record(
          text, std::string_view(*text).substr(places[i].at - from, places[i].bytes));
      auto entry = codec::decode_entry(record);
      if (!entry) return damaged(first, places[i], entry.error().what);
      if ((*entry)->index != first) {
        return damaged(first, places[i], "here stands entry " + to_string((*entry)->index));
      }
      more = take_(*std::move(entry), record.view());
    }
    return {};
  }

 private:
  status damaged(raft::log_index index, const entry_place& at, const std::string& what) const {
    return {status_code::corrupt, "group " + to_string(group_) + ", entry " + to_string(index) +
                                      " in " + segment_path(directory_, at.segment) + ", offset " +
                                      std::to_string(at.at) + ": " + what};
  }

  const std::string& directory_;
  raft::group_id group_;
  const take_entry& take_;
};

}  // namespace

status read_entries(const std::string& directory,
                    const std::map<segment_number, segment_file>& files,
                    const placed_entries& wanted, const take_entry& take) {
  reading from(directory, wanted.group, take);
  bool more = true;
  for (std::size_t done = 0; done < wanted.places.size() && more;) {
    const auto rest = wanted.places.subspan(done);
    const auto now = rest.first(neighbours(rest));
    const auto& file = files.at(now.front().segment);
    if (auto read = from.read(*file, wanted.first + done, now, more); !read.ok()) return read;
    done += now.size();
  }
  return {};
}

}  // namespace troupe::persistence

// log_records: see the header.
#include "persistence/log_records.hpp"

#include <utility>

#include "codec/raft_codec.hpp"
#include "persistence/big_endian.hpp"

namespace troupe::persistence {
namespace {

constexpr std::uint32_t configuration_flag = 1U << 31U;
constexpr std::size_t number_bytes = sizeof(std::uint64_t);
constexpr std::size_t size_bytes = sizeof(std::uint32_t);

void append_kind(log_record kind, raft::group_id group, std::string& body) {
  body.push_back(static_cast<char>(kind));
  append_big_endian(body, group.value());
}

void store_size(std::size_t at, bool is_configuration, std::string& body) {
  const auto bytes = static_cast<std::uint32_t>(body.size() - at);
  codec::store_big_endian(bytes | (is_configuration ? configuration_flag : 0U),
                          body.data() + at - size_bytes);
}

}  // namespace

void append_begin(segment_number segment, std::string& body) {
  body.push_back(static_cast<char>(log_record::begin));
  append_big_endian(body, std::uint64_t{segment});
}

void append_hard_state(raft::group_id group, const raft::hard_state& hard, std::string& body) {
  append_kind(log_record::hard_state, group, body);
  append_big_endian(body, hard.term.value());
  append_big_endian(body, hard.vote.value());
}

void append_point(log_record kind, raft::group_id group, const raft::snapshot_point& point,
                  std::string& body) {
  append_kind(kind, group, body);
  append_big_endian(body, point.index.value());
  append_big_endian(body, point.term.value());
  const auto peers = codec::encode_configuration(point.peers);
  append_big_endian(body, static_cast<std::uint32_t>(peers.size()));
  body += peers;
}

void append_run(log_record kind, raft::group_id group, raft::log_index first, raft::term term,
                std::uint32_t count, std::string& body) {
  append_kind(kind, group, body);
  append_big_endian(body, first.value());
  append_big_endian(body, term.value());
  append_big_endian(body, count);
}

std::size_t append_run_entry(const raft::entry& e, std::string& body) {
  const auto at = body.size() + size_bytes;
  body.resize(at);
  codec::append_entry(e, body);
  store_size(at, e.peers.has_value(), body);
  return at;
}

std::size_t append_run_entry(std::string_view encoded, bool is_configuration, std::string& body) {
  const auto at = body.size() + size_bytes;
  body.resize(at);
  body += encoded;
  store_size(at, is_configuration, body);
  return at;
}

std::uint64_t log_record_reader::number() {
  at_ += number_bytes;
  return read_big_endian<std::uint64_t>(body_, at_ - number_bytes);
}

std::uint32_t log_record_reader::small_number() {
  at_ += size_bytes;
  return read_big_endian<std::uint32_t>(body_, at_ - size_bytes);
}

bool log_record_reader::read_point(log_record_view& to) {
  if (!holds(2 * number_bytes + size_bytes)) return false;
  to.index = raft::log_index{number()};
  to.term = raft::term{number()};
  const auto bytes = small_number();
  if (!holds(bytes)) return false;
  auto peers = codec::decode_configuration(body_.substr(at_, bytes));
  at_ += bytes;
  if (!peers) return false;
  to.peers = *std::move(peers);
  return true;
}

bool log_record_reader::read(log_record_view& to) {
  if (!holds(1 + number_bytes)) return false;
  to.kind = static_cast<log_record>(body_[at_++]);
  if (to.kind == log_record::begin) {
    const auto segment = number();
    to.segment = static_cast<segment_number>(segment);
    return segment == to.segment;
  }
  to.group = raft::group_id{number()};
  switch (to.kind) {
    case log_record::hard_state:
      if (!holds(2 * number_bytes)) return false;
      to.term = raft::term{number()};
      to.vote = raft::node_id{number()};
      return true;
    case log_record::point:
    case log_record::install:
      return read_point(to);
    case log_record::entries:
    case log_record::copies:
      if (!holds(2 * number_bytes + size_bytes)) return false;
      to.index = raft::log_index{number()};
      to.term = raft::term{number()};
      to.count = small_number();
      // An index that overflows would pass every comparison that follows.
      return to.count > 0 && !to.index.is_none() && to.index.value() + to.count > to.index.value();
    default:
      return false;
  }
}

std::optional<log_record_view> log_record_reader::next() {
  if (damaged_ || at_ == body_.size()) return std::nullopt;
  const auto start = at_;
  std::optional<log_record_view> found(std::in_place);
  if (!read(*found)) {
    damaged_ = true;
    return std::nullopt;
  }
  found->bytes = at_ - start;
  return found;
}

std::optional<run_entry_view> log_record_reader::next_entry() {
  if (damaged_ || !holds(size_bytes)) {
    damaged_ = true;
    return std::nullopt;
  }
  const auto size = small_number();
  const std::size_t bytes = size & ~configuration_flag;
  if (!holds(bytes)) {
    damaged_ = true;
    return std::nullopt;
  }
  at_ += bytes;
  return run_entry_view{at_ - bytes, body_.substr(at_ - bytes, bytes),
                        (size & configuration_flag) != 0};
}

}  // namespace troupe::persistence

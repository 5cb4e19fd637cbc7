// log_format: see the header.
#include "persistence/log_format.hpp"

#include <utility>

#include "codec/raft_codec.hpp"
#include "persistence/big_endian.hpp"
#include "persistence/sealed_record.hpp"

namespace troupe::persistence {
namespace {

constexpr std::size_t prefix_bytes = 9;
constexpr std::size_t number_bytes = sizeof(std::uint64_t);

/// The body of a sealed record that has exactly this length.
std::optional<std::string_view> unseal_exactly(std::string_view key, std::string_view record,
                                               std::size_t bytes) {
  const auto body = unseal(key, record);
  return body && body->size() == bytes ? body : std::nullopt;
}

std::optional<std::uint64_t> decode_number(std::string_view key, std::string_view record) {
  const auto body = unseal_exactly(key, record, number_bytes);
  return body ? std::optional(read_big_endian<std::uint64_t>(*body)) : std::nullopt;
}

std::string encode_number(std::string_view key, std::uint64_t number) {
  std::string body;
  append_big_endian(body, number);
  return seal(key, std::move(body));
}

}  // namespace

std::string log_key(raft::group_id group, log_record kind) {
  std::string key;
  key.reserve(prefix_bytes + number_bytes);
  append_big_endian(key, group.value());
  key.push_back(static_cast<char>(kind));
  return key;
}

std::string log_key(raft::group_id group, log_record kind, raft::log_index index) {
  std::string key = log_key(group, kind);
  append_big_endian(key, index.value());
  return key;
}

std::string log_key_end(raft::group_id group, log_record kind) {
  std::string key = log_key(group, kind);
  ++key.back();
  return key;
}

raft::log_index index_in(std::string_view key) {
  return raft::log_index{read_big_endian<std::uint64_t>(key, prefix_bytes)};
}

std::string encode_hard_state(std::string_view key, const raft::hard_state& hard) {
  std::string body;
  append_big_endian(body, hard.term.value());
  append_big_endian(body, hard.vote.value());
  return seal(key, std::move(body));
}

std::optional<raft::hard_state> decode_hard_state(std::string_view key, std::string_view record) {
  const auto body = unseal_exactly(key, record, 2 * number_bytes);
  if (!body) {
    return std::nullopt;
  }
  return raft::hard_state{raft::term{read_big_endian<std::uint64_t>(*body)},
                          raft::node_id{read_big_endian<std::uint64_t>(*body, number_bytes)}};
}

std::string encode_snapshot_point(std::string_view key, const raft::snapshot_point& point) {
  std::string body;
  append_big_endian(body, point.index.value());
  append_big_endian(body, point.term.value());
  body += codec::encode_configuration(point.peers);
  return seal(key, std::move(body));
}

std::optional<raft::snapshot_point> decode_snapshot_point(std::string_view key,
                                                          std::string_view record) {
  const auto body = unseal(key, record);
  if (!body || body->size() < 2 * number_bytes) {
    return std::nullopt;
  }
  auto peers = codec::decode_configuration(body->substr(2 * number_bytes));
  if (!peers) {
    return std::nullopt;
  }
  return raft::snapshot_point{raft::log_index{read_big_endian<std::uint64_t>(*body)},
                              raft::term{read_big_endian<std::uint64_t>(*body, number_bytes)},
                              *std::move(peers)};
}

std::string encode_term_start(std::string_view key, raft::term term) {
  return encode_number(key, term.value());
}

std::optional<raft::term> decode_term_start(std::string_view key, std::string_view record) {
  const auto number = decode_number(key, record);
  return number ? std::optional(raft::term{*number}) : std::nullopt;
}

std::string encode_marker(std::string_view key, const log_marker& marker) {
  std::string body;
  append_big_endian(body, marker.last.value());
  append_big_endian(body, marker.last_term.value());
  append_big_endian(body, marker.term_starts);
  append_big_endian(body, marker.configurations);
  return seal(key, std::move(body));
}

std::optional<log_marker> decode_marker(std::string_view key, std::string_view record) {
  const auto body = unseal_exactly(key, record, 3 * number_bytes);
  if (!body) {
    return std::nullopt;
  }
  return log_marker{raft::log_index{read_big_endian<std::uint64_t>(*body)},
                    raft::term{read_big_endian<std::uint64_t>(*body, number_bytes)},
                    read_big_endian<std::uint32_t>(*body, 2 * number_bytes),
                    read_big_endian<std::uint32_t>(*body, 2 * number_bytes + 4)};
}

std::string encode_batch_number(std::string_view key, std::uint64_t number) {
  return encode_number(key, number);
}

std::optional<std::uint64_t> decode_batch_number(std::string_view key, std::string_view record) {
  return decode_number(key, record);
}

std::string encode_peers(std::string_view key, const raft::configuration& peers) {
  return seal(key, codec::encode_configuration(peers));
}

std::optional<raft::configuration> decode_peers(std::string_view key, std::string_view record) {
  const auto body = unseal(key, record);
  if (!body) {
    return std::nullopt;
  }
  auto peers = codec::decode_configuration(*body);
  return peers ? std::optional(*std::move(peers)) : std::nullopt;
}

}  // namespace troupe::persistence

// state_records: see the header.
#include "persistence/state_records.hpp"

#include <cstdint>
#include <utility>

#include "codec/raft_codec.hpp"
#include "persistence/big_endian.hpp"
#include "persistence/sealed_record.hpp"

namespace troupe::persistence {
namespace {

constexpr std::size_t number_bytes = sizeof(std::uint64_t);

}  // namespace

std::string encode_applied_point(std::string_view key, const applied_point& point) {
  std::string body;
  append_big_endian(body, point.index.value());
  append_big_endian(body, point.term.value());
  return seal(key, std::move(body));
}

std::string encode_applied_configuration(std::string_view key,
                                         const applied_configuration& configuration) {
  std::string body;
  append_big_endian(body, configuration.index.value());
  body += codec::encode_configuration(configuration.peers);
  return seal(key, std::move(body));
}

std::string encode_generation(std::string_view key, raft::log_index first) {
  std::string body;
  append_big_endian(body, first.value());
  return seal(key, std::move(body));
}

std::optional<applied_point> decode_applied_point(std::string_view key, std::string_view record) {
  const auto body = unseal(key, record);
  if (!body || body->size() != 2 * number_bytes) {
    return std::nullopt;
  }
  return applied_point{raft::log_index{read_big_endian<std::uint64_t>(*body)},
                       raft::term{read_big_endian<std::uint64_t>(*body, number_bytes)}};
}

std::optional<applied_configuration> decode_applied_configuration(std::string_view key,
                                                                  std::string_view record) {
  const auto body = unseal(key, record);
  if (!body || body->size() < number_bytes) {
    return std::nullopt;
  }
  auto peers = codec::decode_configuration(body->substr(number_bytes));
  if (!peers) {
    return std::nullopt;
  }
  return applied_configuration{raft::log_index{read_big_endian<std::uint64_t>(*body)},
                               *std::move(peers)};
}

std::optional<raft::log_index> decode_generation(std::string_view key, std::string_view record) {
  const auto body = unseal(key, record);
  return body && body->size() == number_bytes
             ? std::optional(raft::log_index{read_big_endian<std::uint64_t>(*body)})
             : std::nullopt;
}

}  // namespace troupe::persistence

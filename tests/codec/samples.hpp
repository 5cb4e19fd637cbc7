// samples: one value of everything that the codec knows, and ways to damage its bytes.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/raft_codec.hpp"
#include "codec/request_codec.hpp"

namespace troupe::samples {

inline raft::entry_ptr make_entry(std::uint64_t term, std::uint64_t index, std::string data) {
  raft::entry e;
  e.term = raft::term{term};
  e.index = raft::log_index{index};
  e.type = raft::entry_type::data;
  e.data = raft::bytes(std::move(data));
  return std::make_shared<const raft::entry>(std::move(e));
}

inline raft::configuration joint_configuration() {
  raft::configuration c;
  c.voters = {raft::node_id{1}, raft::node_id{2}, raft::node_id{300}};
  c.outgoing = {raft::node_id{1}, raft::node_id{70'000}};
  c.learners = {raft::node_id{9}};
  c.learners_next = {raft::node_id{70'000}};
  c.auto_leave = true;
  return c;
}

inline raft::entry_ptr configuration_entry(std::uint64_t term, std::uint64_t index) {
  raft::entry e;
  e.term = raft::term{term};
  e.index = raft::log_index{index};
  e.type = raft::entry_type::configuration;
  e.data = raft::bytes(std::string("why"));
  e.peers = joint_configuration();
  return std::make_shared<const raft::entry>(std::move(e));
}

inline raft::entry_ptr no_op_entry(std::uint64_t term, std::uint64_t index) {
  raft::entry e;
  e.term = raft::term{term};
  e.index = raft::log_index{index};
  return std::make_shared<const raft::entry>(std::move(e));
}

inline raft::message from_one_to_two(raft::message_body body) {
  return {raft::node_id{1}, raft::node_id{2}, raft::term{7}, std::move(body)};
}

/// One message of every type, in the order of the type numbers.
inline std::vector<raft::message> every_message() {
  using raft::log_index;
  using raft::term;
  const raft::entries log = {no_op_entry(6, 11), make_entry(7, 12, "payload"),
                             configuration_entry(7, 13), make_entry(7, 14, "")};
  return {
      from_one_to_two(raft::append_request{log_index{10}, term{6}, log_index{9}, log}),
      from_one_to_two(
          raft::append_response{false, log_index{3}, log_index{10}, log_index{8}, term{5}}),
      from_one_to_two(raft::vote_request{true, false, log_index{14}, term{7}}),
      from_one_to_two(raft::vote_response{false, true}),
      from_one_to_two(raft::heartbeat_request{log_index{12}, raft::read_round{99}}),
      from_one_to_two(raft::heartbeat_response{raft::read_round{99}}),
      from_one_to_two(raft::install_snapshot{{log_index{40}, term{6}, joint_configuration()},
                                             raft::bytes(std::string("snapshot-40"))}),
      from_one_to_two(raft::timeout_now{}),
      from_one_to_two(raft::read_index_request{raft::read_id{1'000'000}}),
      from_one_to_two(raft::read_index_response{raft::read_id{1'000'000}, log_index{12}}),
  };
}

inline std::string encoded(const raft::message& m, raft::group_id group = raft::group_id{77}) {
  std::string out;
  codec::append_message(group, m, out);
  return out;
}

inline std::string encoded(const codec::request& r) {
  std::string out;
  codec::append_request(r, out);
  return out;
}

inline std::string encoded(const codec::request_reply& r) {
  std::string out;
  codec::append_reply(r, out);
  return out;
}

inline codec::request sample_request() {
  return {42,
          codec::request_kind::propose,
          "orders",
          2'500,
          true,
          raft::term{7},
          raft::bytes(std::string("command"))};
}

inline codec::request_reply sample_reply() {
  return {42,
          error_code::not_leader,
          "ask the leader",
          "10.0.0.2:7101",
          raft::log_index{12},
          raft::term{7},
          raft::bytes(std::string("result"))};
}

inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  std::string digits;
  for (const char c : hex) {
    if (c == ' ') {
      continue;
    }
    digits += c;
    if (digits.size() == 2) {
      bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
      digits.clear();
    }
  }
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

inline std::string with_flipped_bit(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1U << (bit % 8)));
  return bytes;
}

inline std::string random_bytes(std::mt19937_64& chance, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    c = static_cast<char>(chance());
  }
  return bytes;
}

}  // namespace troupe::samples

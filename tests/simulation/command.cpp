#include "tests/simulation/command.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include "codec/session_codec.hpp"

namespace troupe::simulation {

namespace {

std::string bytes_of(const command& c) {
  std::string text(20, '\0');
  std::memcpy(text.data(), &c.client, 4);
  std::memcpy(text.data() + 4, &c.sequence, 4);
  std::memcpy(text.data() + 8, &c.value, 8);
  text[16] = static_cast<char>(c.what);
  text[17] = static_cast<char>(c.key);
  text[18] = static_cast<char>(c.has_session);
  return text;
}

/// Up to here the client has done with its commands. It tells so a little late, so that a session
/// holds several answers, and what was given up may still arrive and count.
std::uint64_t acked_by(const command& c) {
  return c.sequence - c.sequence % 3;
}

}  // namespace

raft::bytes entry_of(const command& c) {
  if (!c.has_session) {
    return raft::bytes(bytes_of(c));
  }
  codec::session_header header;
  header.client = session_of(c.client);
  header.sequence = c.sequence;
  header.acked = acked_by(c);
  return raft::bytes(codec::encode_session(header, bytes_of(c)));
}

command command_of(std::string_view text) {
  command c;
  std::memcpy(&c.client, text.data(), 4);
  std::memcpy(&c.sequence, text.data() + 4, 4);
  std::memcpy(&c.value, text.data() + 8, 8);
  c.what = static_cast<operation>(text[16]);
  c.key = static_cast<std::uint8_t>(text[17]);
  c.has_session = text[18] != 0;
  return c;
}

command command_of(const raft::entry& e) {
  if (e.type == raft::entry_type::session) {
    return command_of(codec::decode_session(e.data)->command.view());
  }
  return command_of(e.data.view());
}

}  // namespace troupe::simulation

// command: what clients ask the replicated state to do, and its bytes inside an entry. Knows
// nothing of how it is replicated.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace troupe::simulation {

enum class operation : std::uint8_t {
  put,    ///< the key holds `value`
  add,    ///< the key holds `value` more than before
  get,    ///< read only: never an entry
  poison  ///< the processor refuses it
};

struct command {
  std::uint32_t client = 0;
  std::uint32_t sequence = 0;
  std::uint64_t value = 0;
  operation what = operation::put;
  std::uint8_t key = 0;
  bool has_session = true;
  std::uint8_t unused = 0;
};

/// What the state says to a command or a read.
struct reply {
  std::uint64_t value = 0;
  std::uint64_t version = 0;  ///< index of the newest write of the key
  bool is_refused = false;
  bool is_stale = false;  ///< the session has gone on: the first answer is forgotten
};

inline std::string bytes_of(const command& c) {
  std::string text(20, '\0');
  std::memcpy(text.data(), &c.client, 4);
  std::memcpy(text.data() + 4, &c.sequence, 4);
  std::memcpy(text.data() + 8, &c.value, 8);
  text[16] = static_cast<char>(c.what);
  text[17] = static_cast<char>(c.key);
  text[18] = static_cast<char>(c.has_session);
  return text;
}

inline command command_of(std::string_view text) {
  command c;
  std::memcpy(&c.client, text.data(), 4);
  std::memcpy(&c.sequence, text.data() + 4, 4);
  std::memcpy(&c.value, text.data() + 8, 8);
  c.what = static_cast<operation>(text[16]);
  c.key = static_cast<std::uint8_t>(text[17]);
  c.has_session = text[18] != 0;
  return c;
}

}  // namespace troupe::simulation

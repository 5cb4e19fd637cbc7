// listening_configs: the text in which clients say what they believe to stand: one line a
// configuration. nacos-spec C.8.3. Knows nothing of what stands, and of requests.
//
//   line := data id U+0002 group U+0002 digest [ U+0002 tenant ] U+0001
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/config_listeners.hpp"
#include "raft/expected.hpp"

namespace troupe::http {

/// What the lines say; else why they say nothing. Digests point into `text`.
raft::expected<std::vector<config_belief>, std::string> read_beliefs(std::string_view text);

/// Some clients encode the field twice: the text as it was before the second time.
std::string decode_listening(std::string_view field);

}  // namespace troupe::http

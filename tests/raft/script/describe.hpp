// describe: the values of the protocol as a transcript prints them. The forms of entries, member
// states and progress are those of the page on interaction scripts. Knows nothing of commands.
#pragma once

#include <string>

#include "raft/core.hpp"
#include "tests/raft/host.hpp"
#include "tests/raft/script/network.hpp"

namespace troupe::raft::script {

/// Quoted, with whatever is not printable escaped.
std::string quoted(std::string_view text);
std::string describe(const entry& e);
std::string describe(const message& m);
std::string describe(const envelope& e);
std::string describe(const write& w);
std::string describe(const configuration& peers);
std::string describe(const refusal& r);
std::string describe(const progress_status& p);
std::string describe(const snapshot_point& p);
const char* describe(role r);
/// `1/11`: term and index.
std::string position(raft::term t, log_index i);

}  // namespace troupe::raft::script

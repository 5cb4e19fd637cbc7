// entry_form: the msgpack forms of entries and configurations, as parts of larger objects. The same
// on the wire and on disk.
#pragma once

#include <cstddef>
#include <memory>

#include "codec/packing.hpp"
#include "codec/raft_codec.hpp"
#include "codec/tape.hpp"
#include "raft/entry.hpp"

namespace troupe::codec {

// On disk and on the wire: a new form gets a new number, and the old one stays readable.
constexpr std::uint64_t entry_version = 1;

/// What a tape of one configuration, and of one entry without one, may hold.
constexpr std::size_t configuration_tokens_max = 6 + 4 * std::size_t{configuration_nodes_max};
constexpr std::size_t entry_tokens_max = 8;

void pack_entry(string_packer& p, const raft::entry& e);
void pack_configuration(string_packer& p, const raft::configuration& c);

/// Null when the cursor has failed. The payload shares `owner`, in whose bytes the tape lies.
raft::entry_ptr take_entry(cursor& c, const std::shared_ptr<const void>& owner);
raft::configuration take_configuration(cursor& c);

}  // namespace troupe::codec

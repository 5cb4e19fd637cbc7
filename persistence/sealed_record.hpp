// sealed_record: a small record with a checksum of its own that also covers its key, so that a
// record that was damaged or filed under another key is noticed even where the storage engine is
// content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::persistence {

/// `body`, then 8 bytes big-endian: XXH3-64 of key and body. On disk: do not change.
std::string seal(std::string_view key, std::string body);

/// The body, pointing into `record`; nothing when the checksum does not match.
std::optional<std::string_view> unseal(std::string_view key, std::string_view record);

/// XXH3-64 of `text` as 16 hexadecimal digits, for files that people read. On disk: do not change.
std::string checksum_text(std::string_view text);

}  // namespace troupe::persistence

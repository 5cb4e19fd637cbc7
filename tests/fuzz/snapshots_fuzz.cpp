// The parts in which a snapshot travels, and the manifest that its directory begins with.
#include <algorithm>

#include "codec/snapshot_codec.hpp"
#include "persistence/sealed_record.hpp"
#include "persistence/snapshot.hpp"
#include "tests/fuzz/demands.hpp"
#include "tests/fuzz/forms.hpp"

using namespace troupe;

namespace {

// On disk, so that it will not change; without it no mutated manifest would be read.
constexpr std::string_view manifest_seal = "troupe snapshot 1";

void check_manifest(std::string_view record) {
  const auto refused = [](const auto& result) {
    fuzz::demand(result.error().code() == persistence::status_code::corrupt,
                 "what is refused counts as damaged", result.error().message());
    fuzz::demand_named(result.error().message());
  };
  const bool accepted = fuzz::demand_survival(record, persistence::decode_manifest,
                                              persistence::encode_manifest, refused);
  if (!accepted) return;
  const auto manifest = persistence::decode_manifest(record);
  fuzz::demand(manifest->files.size() <= persistence::snapshot_files_max, "files are counted");
  for (const auto& file : manifest->files) {
    // Names become paths below the snapshot's directory.
    fuzz::demand(!file.name.empty() && file.name.front() != '.' &&
                     file.name.find('/') == std::string::npos &&
                     file.name.find('\0') == std::string::npos && file.name != "manifest",
                 "a file's name stays within its directory", file.name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto [form, rest] = fuzz::split_form<fuzz::snapshot_form>(fuzz::view_of(data, size));
  switch (form) {
    case fuzz::snapshot_form::part:
      fuzz::demand_form(
          rest, [](std::string_view record) { return codec::decode_part(fuzz::borrowed(record)); },
          codec::encode_part);
      break;
    case fuzz::snapshot_form::manifest:
      check_manifest(rest);
      break;
    default:
      check_manifest(persistence::seal(manifest_seal, std::string(rest)));
  }
  return 0;
}

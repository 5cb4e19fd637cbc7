#include "groups/roster_keeper.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "persistence/durable_file.hpp"
#include "persistence/sealed_record.hpp"

namespace troupe::groups {
namespace {

constexpr std::string_view seal_key = "roster";

struct keeper_state {
  static inline const char* name = "roster_keeper";
  keeper_state() = default;
  codec::known_nodes written;
};

roster_keeper_actor::behavior_type make_keeper(
    roster_keeper_actor::stateful_pointer<keeper_state> self, const std::string& path,
    const std::shared_ptr<const roster>& nodes) {
  return {[=](nodes_changed) {
    auto known = nodes->remembered();
    if (known == self->state.written) return;
    const auto done =
        persistence::replace_file(path, persistence::seal(seal_key, codec::encode_roster(known)));
    if (!done.ok()) return spdlog::warn("the roster of nodes is not kept: {}", done.message());
    self->state.written = std::move(known);
  }};
}

}  // namespace

roster_keeper_actor spawn_roster_keeper(caf::actor_system& system, std::string path,
                                        std::shared_ptr<const roster> nodes) {
  return actors::spawn_blocking(system, make_keeper, std::move(path), std::move(nodes));
}

raft::expected<codec::known_nodes, std::string> read_roster(const std::string& path) {
  if (!std::filesystem::exists(path)) return codec::known_nodes{};
  const auto text = persistence::read_file(path);
  if (!text) return raft::unexpected(text.error().message());
  const auto body = persistence::unseal(seal_key, *text);
  if (!body) return raft::unexpected(path + " is damaged; restore it, or remove it and restart");
  auto known = codec::decode_roster(*body);
  if (!known) return raft::unexpected(path + ": " + known.error().what);
  return std::move(*known);
}

}  // namespace troupe::groups

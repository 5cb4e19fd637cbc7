#include "processors/naming_switches.hpp"

#include <spdlog/spdlog.h>

#include "processors/naming_switch_messages.hpp"

namespace troupe::processors {

namespace {

constexpr char written_space = 'w';

std::string key_of(std::string_view field) {
  return std::string(1, written_space).append(field);
}

/// The entry that a field was written with.
std::string_view entry_of(std::string_view field) {
  return field.substr(0, field.find(':'));
}

reply switch_failed(const std::string& detail) {
  return reply::refused("Switch operation failed. " + detail);
}

}  // namespace

reply naming_switches::apply(const command& entry, persistence::state_batch& batch) {
  const auto bytes = entry.data.view();
  const auto verb = naming::decode_verb(bytes);
  if (!verb) return switch_failed(verb.error().what);
  if (*verb != naming::verb_write) {
    return reply::refused("Unsupported operation " + std::string(*verb));
  }
  const auto c = naming::decode_write_switch(bytes);
  if (!c) return switch_failed(c.error().what);
  naming::switches trial;
  if (const auto set = naming::set_switch(trial, c->entry, c->value); !set) {
    return reply::refused(set.error());
  }
  const auto key = key_of(naming::switch_field(c->entry, c->value));
  if (batch.get(key) == c->value) return reply::ok(naming::encode(naming::write_reply{}));
  batch.put(key, c->value);
  untold_.emplace_back(c->entry, c->value);
  return reply::ok(naming::encode(naming::write_reply{true, entry.index}));
}

reply naming_switches::query(std::string_view request, const persistence::state_view& view) const {
  const auto q = naming::decode_switches_query(request);
  if (!q) return switch_failed(q.error().what);
  std::vector<std::pair<std::string, std::string>> texts;  // what the reply points into
  view.scan(std::string(1, written_space), {}, [&](std::string_view key, std::string_view value) {
    texts.emplace_back(key.substr(1), value);
    return true;
  });
  return reply::ok(naming::encode(naming::switches_reply{{texts.begin(), texts.end()}}));
}

void naming_switches::loaded(const persistence::state_view& view) {
  untold_.clear();
  current_ = {};
  view.scan(std::string(1, written_space), {}, [&](std::string_view key, std::string_view value) {
    const auto field = key.substr(1);
    // Written under the rules of another version: the default holds.
    if (const auto set = naming::set_switch(current_, entry_of(field), value); !set) {
      spdlog::error("group {}: {}", group(), set.error());
    }
    return true;
  });
  tell();
}

void naming_switches::committed() {
  if (untold_.empty()) return;
  for (const auto& [entry, value] : untold_) {
    static_cast<void>(naming::set_switch(current_, entry, value));  // apply has tried it
  }
  untold_.clear();
  tell();
}

void naming_switches::tell() const {
  if (observer_) observer_(std::make_shared<const naming::switches>(current_));
}

}  // namespace troupe::processors

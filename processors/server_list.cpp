#include "processors/server_list.hpp"

#include <utility>

#include "processors/counted_keys.hpp"

namespace troupe::processors {

namespace {

constexpr counted_keys stored_servers{'s'};  // node id, 8 bytes big-endian → record

reply operation_failed(const std::string& detail) {
  return reply::refused("Server operation failed. " + detail);
}

std::string name_of(raft::node_id node) {
  std::string name;
  append_fixed(name, node.value());
  return name;
}

raft::node_id node_in(std::string_view name) {
  return raft::node_id{name.size() == fixed_bytes ? read_fixed(name) : 0};
}

}  // namespace

bool server_list::understands(std::string_view verb) const {
  return verb.substr(0, servers::verb_prefix.size()) == servers::verb_prefix;
}

reply server_list::apply(const command& entry, persistence::state_batch& batch) {
  const auto c = servers::decode_command(entry.data.view());
  if (!c) return operation_failed(c.error().what);
  const auto name = name_of(c->node);
  const auto stored = stored_servers.get(batch, name);
  if (stored) {
    const auto standing = servers::decode_record(*stored);
    // Every start announces: only news are worth a write.
    if (standing && standing->address == c->address && standing->version == c->version) {
      return reply::ok();
    }
  } else if (stored_servers.count(batch) >= servers::servers_max) {
    forget_oldest(batch);
  }
  const auto bytes = servers::encode_record({c->address, c->version, entry.index});
  stored_servers.put(batch, name, bytes);
  news_.emplace_back([node = c->node, bytes](auto& observer) {
    observer.put(node, *servers::decode_record(bytes));
  });
  return reply::ok();
}

void server_list::forget_oldest(persistence::state_batch& batch) {
  std::string oldest;
  auto oldest_index = UINT64_MAX;
  stored_servers.each(batch, {}, {}, [&](std::string_view name, std::string_view stored) {
    const auto record = servers::decode_record(stored);
    const auto index = record ? record->announced.value() : 0;
    if (index < oldest_index) {
      oldest = name;
      oldest_index = index;
    }
    return true;
  });
  stored_servers.erase(batch, oldest);
  news_.emplace_back([node = node_in(oldest)](auto& observer) { observer.erased(node); });
}

reply server_list::query(std::string_view, const persistence::state_view&) const {
  return operation_failed("there are no queries about servers");
}

void server_list::loaded(const persistence::state_view& view) {
  news_.clear();
  if (!told_) return;
  told_->begin();
  stored_servers.each(view, {}, {}, [&](std::string_view name, std::string_view stored) {
    if (const auto record = servers::decode_record(stored)) told_->put(node_in(name), *record);
    return true;
  });
  told_->loaded();
}

void server_list::committed() {
  const auto news = std::exchange(news_, {});
  if (!told_) return;
  for (const auto& tell : news) tell(*told_);
}

}  // namespace troupe::processors

#include "processors/namespaces.hpp"

#include <utility>

#include "processors/counted_keys.hpp"

namespace troupe::processors {

namespace {

constexpr counted_keys stored_namespaces{'n'};

reply operation_failed(const std::string& detail) {
  return reply::refused("Namespace operation failed. " + detail);
}

reply done(bool changed) {
  return reply::ok(spaces::encode(spaces::write_reply{changed}));
}

}  // namespace

bool namespaces::understands(std::string_view verb) const {
  return verb.substr(0, spaces::verb_prefix.size()) == spaces::verb_prefix;
}

reply namespaces::apply(const command& entry, persistence::state_batch& batch) {
  const auto decoded = spaces::decode_command(entry.data.view());
  if (!decoded) return operation_failed(decoded.error().what);
  if (decoded->id == spaces::default_id) {
    return reply::refused("namespaceId [public] is the default namespace and stays as it is");
  }
  return decoded->verb == spaces::verb_remove ? remove(*decoded, batch) : put(*decoded, batch);
}

reply namespaces::put(const spaces::command& c, persistence::state_batch& batch) {
  const auto stored = stored_namespaces.get(batch, c.id);
  const auto named = "namespaceId [" + std::string(c.id) + "] ";
  if (c.verb == spaces::verb_add && stored) return reply::refused(named + "already exist");
  if (c.verb == spaces::verb_update && !stored) return reply::refused(named + "not exist");
  if (!stored && stored_namespaces.count(batch) >= spaces::namespaces_max) {
    return operation_failed("there are " + std::to_string(spaces::namespaces_max) +
                            " namespaces, which is the limit");
  }
  const auto bytes = spaces::encode_record(c.record);
  if (stored == bytes) return done(false);
  stored_namespaces.put(batch, c.id, bytes);
  news_.emplace_back([id = std::string(c.id), bytes](auto& observer) {
    observer.put(id, *spaces::decode_record(bytes));
  });
  return done(true);
}

reply namespaces::remove(const spaces::command& c, persistence::state_batch& batch) {
  if (!stored_namespaces.erase(batch, c.id)) return done(false);
  news_.emplace_back([id = std::string(c.id)](auto& observer) { observer.erased(id); });
  return done(true);
}

reply namespaces::query(std::string_view request, const persistence::state_view& view) const {
  const auto q = spaces::decode_query(request);
  if (!q) return operation_failed(q.error().what);
  std::vector<std::pair<std::string, std::string>> rows;  // what the reply points into
  spaces::list_reply out;
  stored_namespaces.each(view, {}, q->after, [&](std::string_view id, std::string_view stored) {
    out.more = rows.size() == q->limit;
    if (!out.more) rows.emplace_back(id, stored);
    return !out.more;
  });
  for (const auto& [id, stored] : rows) {
    const auto record = spaces::decode_record(stored);
    if (!record) return operation_failed("the record of " + id + " has an unknown form");
    out.items.push_back({id, *record});
  }
  return reply::ok(spaces::encode(out));
}

void namespaces::loaded(const persistence::state_view& view) {
  news_.clear();
  if (!told_) return;
  told_->begin();
  stored_namespaces.each(view, {}, {}, [&](std::string_view id, std::string_view stored) {
    // One that cannot be read is left out here and named by every query.
    if (const auto record = spaces::decode_record(stored)) told_->put(id, *record);
    return true;
  });
  told_->loaded();
}

void namespaces::committed() {
  const auto news = std::exchange(news_, {});
  if (!told_) return;
  for (const auto& tell : news) tell(*told_);
}

}  // namespace troupe::processors

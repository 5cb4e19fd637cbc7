#include "processors/configuration_items.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "processors/configuration_answers.hpp"
#include "processors/configuration_state.hpp"
#include "processors/md5.hpp"

namespace troupe::processors {

namespace {

namespace cfg = config;

constexpr std::array verbs{cfg::verb_publish,      cfg::verb_remove,
                           cfg::verb_remove_ids,   cfg::verb_history_trim,
                           cfg::query_get,         cfg::query_search,
                           cfg::query_list,        cfg::query_history,
                           cfg::query_history_row, cfg::query_history_previous};

reply operation_failed(const std::string& detail) {
  return reply::refused("Configuration operation failed. " + detail);
}

reply written(bool done, std::uint64_t existed, std::string_view md5) {
  return reply::ok(cfg::encode(cfg::write_reply{done, existed, md5}));
}

/// What stands, with the record that its texts lie in.
struct standing {
  std::string record;
  std::optional<cfg::item> item;
};

/// Nothing when the stored record cannot be read.
std::optional<standing> look_up(const persistence::state_view& view, const cfg::item_key& key) {
  standing s;
  const auto stored = view.get(cfg::item_record_key(key));
  if (!stored) return s;
  s.record = *stored;
  auto found = cfg::decode_item(s.record);
  if (!found) return std::nullopt;
  s.item = std::move(*found);
  return s;
}

reply malformed_state(const cfg::item_key& key) {
  return operation_failed("the stored record of " + std::string(key.data_id) +
                          " has an unknown form");
}

/// The configuration as the command leaves it. Texts lie in the command and in what stood before.
cfg::item merged(const cfg::publish& c, const std::optional<cfg::item>& before) {
  cfg::item i = before.value_or(cfg::item{});
  i.key = c.key;
  i.md5 = c.md5;
  i.content_bytes = c.content.size();
  i.type = c.type;
  i.encrypted_key = c.encrypted_key;
  i.app_name = c.app_name.value_or(i.app_name);
  i.description = c.description.value_or(i.description);
  i.use = c.use.value_or(i.use);
  i.effect = c.effect.value_or(i.effect);
  i.schema = c.schema.value_or(i.schema);
  if (c.tags) i.tags = *c.tags;
  // Proposers' clocks may disagree; what clients see must not run backwards.
  i.modified_ms = std::max(i.modified_ms, c.stamp.proposer_ms);
  if (!before) {
    i.created_ms = c.stamp.proposer_ms;
    i.created_by = c.source.user;
    i.created_from = c.source.address;
  }
  return i;
}

}  // namespace

bool configuration_items::understands(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

reply configuration_items::apply(const command& entry, persistence::state_batch& batch) {
  fresh_.clear();
  const auto decoded = cfg::decode_change(entry.data.view());
  if (!decoded) return operation_failed(decoded.error().what);
  auto answer = std::visit(
      [&]<class Change>(const Change& c) {
        if constexpr (std::is_same_v<Change, cfg::history_trim>) {
          return reply::ok(cfg::encode(cfg::trim_history(batch, c)));
        } else {
          return once(c, batch);
        }
      },
      *decoded);
  if (answer.success && told_) std::move(fresh_.begin(), fresh_.end(), std::back_inserter(news_));
  return answer;
}

template <class Change>
reply configuration_items::once(const Change& c, persistence::state_batch& batch) {
  if (auto answered = recent_.answer(batch, c.stamp)) return reply::ok(std::move(*answered));
  auto answer = write(c, batch);
  if (answer.success) recent_.remember(batch, c.stamp, answer.data);
  return answer;
}

reply configuration_items::write(const cfg::publish& c, persistence::state_batch& batch) {
  if (md5_hex(c.content) != c.md5) return operation_failed("md5: is not the one of the content");
  const auto before = look_up(batch, c.key);
  if (!before) return malformed_state(c.key);
  const auto& old = before->item;
  const auto standing_md5 = old ? old->md5 : std::string_view();
  if (c.expected_md5 && *c.expected_md5 != standing_md5) {
    return written(false, old ? 1 : 0, standing_md5);
  }
  auto now = merged(c, old);
  if (!old) {
    auto counters = cfg::read_item_counters(batch);
    if (counters.items >= limits_.items_max) {
      return operation_failed("there are " + std::to_string(limits_.items_max) +
                              " configurations, which is the limit");
    }
    now.id = ++counters.last_id;
    ++counters.items;
    cfg::write_counters(batch, counters);
    batch.put(cfg::item_id_key(now.id), cfg::joined(c.key));
  }

  cfg::history_row row;
  row.operation = old ? cfg::history_operation::update : cfg::history_operation::insert;
  row.source = c.source;
  row.stamped_ms = c.stamp.proposer_ms;
  row.item = old ? *old : now;
  // nacos-spec E.5: the previous content; of the first publication, what it began with.
  const auto previous = old ? batch.get(cfg::item_content_key(c.key)) : std::nullopt;
  cfg::append_history(batch, row, previous ? std::string_view(*previous) : c.content,
                      limits_.history);

  batch.put(cfg::item_record_key(c.key), cfg::encode_record(now));
  batch.put(cfg::item_content_key(c.key), c.content);
  fresh_.emplace_back([key = cfg::joined(c.key), md5 = std::string(c.md5)](auto& observer) {
    observer.item_put(*cfg::parse_joined(key), md5);
  });
  return written(true, old ? 1 : 0, c.md5);
}

bool configuration_items::erase(const cfg::item_key& key, const cfg::source& by,
                                std::uint64_t now_ms, persistence::state_batch& batch) {
  const auto before = look_up(batch, key);
  if (!before || !before->item) return false;
  cfg::history_row row;
  row.operation = cfg::history_operation::erase;
  row.source = by;
  row.stamped_ms = now_ms;
  row.item = *before->item;
  const auto where = cfg::item_content_key(key);
  cfg::append_history(batch, row, batch.get(where).value_or(std::string()), limits_.history);

  batch.erase(cfg::item_record_key(key));
  batch.erase(where);
  batch.erase(cfg::item_id_key(before->item->id));
  auto counters = cfg::read_item_counters(batch);
  --counters.items;
  cfg::write_counters(batch, counters);
  fresh_.emplace_back(
      [key = cfg::joined(key)](auto& observer) { observer.item_erased(*cfg::parse_joined(key)); });
  return true;
}

reply configuration_items::write(const cfg::remove& c, persistence::state_batch& batch) {
  if (!look_up(batch, c.key)) return malformed_state(c.key);
  const bool existed = erase(c.key, c.source, c.stamp.proposer_ms, batch);
  return written(true, existed ? 1 : 0, {});
}

reply configuration_items::write(const cfg::remove_ids& c, persistence::state_batch& batch) {
  std::vector<std::string> keys;
  std::uint64_t bytes = 0;
  for (const auto id : c.ids) {
    auto stored = batch.get(cfg::item_id_key(id));
    if (!stored) continue;
    const auto key = cfg::parse_joined(*stored);
    const auto before = key ? look_up(batch, *key) : std::nullopt;
    if (!before)
      return operation_failed("what stands under id " + std::to_string(id) +
                              " has an unknown form");
    if (before->item) bytes += before->item->content_bytes;
    keys.push_back(std::move(*stored));
  }
  if (bytes > cfg::removed_bytes_max) {
    return operation_failed("ids: their contents have more than " +
                            std::to_string(cfg::removed_bytes_max) +
                            " bytes; remove fewer at once");
  }
  std::uint64_t existed = 0;
  for (const auto& key : keys) {
    if (erase(*cfg::parse_joined(key), c.source, c.stamp.proposer_ms, batch)) ++existed;
  }
  return written(true, existed, {});
}

reply configuration_items::query(std::string_view request,
                                 const persistence::state_view& view) const {
  const auto decoded = cfg::decode_question(request);
  if (!decoded) return operation_failed(decoded.error().what);
  const auto answer = std::visit([&](const auto& q) { return cfg::answer(q, view); }, *decoded);
  return answer ? reply::ok(*answer) : operation_failed(answer.error());
}

bool configuration_items::query_may_scan(std::string_view verb) const {
  return verb == cfg::query_search || verb == cfg::query_list || verb == cfg::query_history;
}

void configuration_items::loaded(const persistence::state_view& view) {
  news_.clear();
  if (!told_) return;
  told_->items_begin();
  view.scan(cfg::items_prefix, {}, [&](std::string_view, std::string_view stored) {
    if (const auto i = cfg::decode_item(stored)) told_->item_put(i->key, i->md5);
    return true;
  });
  told_->items_loaded();
}

void configuration_items::committed() {
  if (news_.empty()) return;
  for (const auto& tell : news_) tell(*told_);
  news_.clear();
  told_->committed();
}

}  // namespace troupe::processors

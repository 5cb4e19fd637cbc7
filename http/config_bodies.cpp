#include "http/config_bodies.hpp"

#include "http/date_forms.hpp"

namespace troupe::http {

namespace {

namespace cfg = processors::config;
using json = nlohmann::ordered_json;

json text_or_null(std::string_view text) {
  return text.empty() ? json(nullptr) : json(text);
}

/// Clients know a missing list of tags as null.
json tags_of(const cfg::item& i) {
  std::string joined;
  for (const auto tag : i.tags) joined.append(joined.empty() ? "" : ",").append(tag);
  return text_or_null(joined);
}

std::string_view media_type(std::string_view type) {
  if (type == "json") return "application/json;charset=UTF-8";
  if (type == "xml") return "application/xml;charset=UTF-8";
  if (type == "html") return "text/html;charset=UTF-8";
  return "text/plain;charset=UTF-8";
}

json page_of(std::uint64_t total, const cfg::page_wanted& page, json items) {
  json out = json::object();
  out["totalCount"] = total;
  out["pageNumber"] = page.number;
  out["pagesAvailable"] = (total + page.size - 1) / page.size;
  out["pageItems"] = std::move(items);
  return out;
}

void put_catalog(json& out, const cfg::item& i) {
  out["createTime"] = i.created_ms;
  out["modifyTime"] = i.modified_ms;
  out["createUser"] = text_or_null(i.created_by);
  out["createIp"] = text_or_null(i.created_from);
  out["desc"] = text_or_null(i.description);
  out["use"] = text_or_null(i.use);
  out["effect"] = text_or_null(i.effect);
}

json listed(const cfg::item& i, json content) {
  json out = json::object();
  out["id"] = std::to_string(i.id);
  out["dataId"] = i.key.data_id;
  out["group"] = i.key.config_group;
  out["content"] = std::move(content);
  out["md5"] = nullptr;
  out["encryptedDataKey"] = i.encrypted_key;
  out["tenant"] = i.key.tenant;
  out["appName"] = i.app_name;
  out["type"] = i.type;
  return out;
}

/// The details that history keeps beside the content: a JSON text inside the JSON.
std::string extra_of(const cfg::history_row& row) {
  json out = json::object();
  const auto put = [&](const char* name, const json& value) {
    if (!value.is_null()) out[name] = value;
  };
  put("type", text_or_null(row.item.type));
  put("src_user", text_or_null(row.source.user));
  put("desc", text_or_null(row.item.description));
  put("use", text_or_null(row.item.use));
  put("effect", text_or_null(row.item.effect));
  put("schema", text_or_null(row.item.schema));
  put("config_tags", tags_of(row.item));
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

json history_item(const cfg::history_row& row, json md5, json content) {
  // Padded to the width of a column that Nacos has; clients trim it.
  std::string operation(1, static_cast<char>(row.operation));
  operation.resize(10, ' ');
  json out = json::object();
  out["id"] = std::to_string(row.id);
  out["lastId"] = -1;
  out["dataId"] = row.item.key.data_id;
  out["group"] = row.item.key.config_group;
  out["tenant"] = row.item.key.tenant;
  out["appName"] = row.item.app_name;
  out["md5"] = std::move(md5);
  out["content"] = std::move(content);
  out["srcIp"] = row.source.address;
  out["srcUser"] = text_or_null(row.source.user);
  out["opType"] = operation;
  out["publishType"] = "formal";
  out["grayName"] = "";
  out["extInfo"] = extra_of(row);
  out["createdTime"] = iso_date(row.stamped_ms);
  out["lastModifiedTime"] = iso_date(row.stamped_ms);
  out["encryptedDataKey"] = row.item.encrypted_key;
  return out;
}

}  // namespace

void forbid_caching(response& r) {
  r.headers.emplace_back("Pragma", "no-cache");
  r.headers.emplace_back("Expires", http_date(0));
  r.headers.emplace_back("Cache-Control", "no-cache,no-store");
}

response config_content(const cfg::item& i, std::string_view content) {
  response r{200, std::string(content), std::string(media_type(i.type)), {}};
  r.headers.emplace_back("Config-Type", i.type);
  r.headers.emplace_back("Content-MD5", i.md5);
  if (!i.encrypted_key.empty()) r.headers.emplace_back("Encrypted-Data-Key", i.encrypted_key);
  forbid_caching(r);
  r.headers.emplace_back("Last-Modified", http_date(i.modified_ms));
  return r;
}

json config_details(const cfg::item& i, std::string_view content) {
  json out = json::object();
  out["id"] = std::to_string(i.id);
  out["dataId"] = i.key.data_id;
  out["group"] = i.key.config_group;
  out["content"] = content;
  out["md5"] = i.md5;
  out["encryptedDataKey"] = i.encrypted_key;
  out["tenant"] = i.key.tenant;
  out["appName"] = i.app_name;
  out["type"] = i.type;
  put_catalog(out, i);
  out["schema"] = text_or_null(i.schema);
  out["configTags"] = tags_of(i);
  return out;
}

json config_catalog(const cfg::item& i) {
  json out = json::object();
  put_catalog(out, i);
  out["type"] = i.type;
  out["schema"] = text_or_null(i.schema);
  out["configTags"] = tags_of(i);
  return out;
}

json config_page(const cfg::search_reply& found, const cfg::page_wanted& page) {
  json items = json::array();
  for (const auto& f : found.items) items.push_back(listed(f.item, f.content));
  return page_of(found.total, page, std::move(items));
}

json config_list(const cfg::list_reply& found) {
  json items = json::array();
  for (const auto& i : found.items) items.push_back(listed(i, nullptr));
  return items;
}

json history_page(const cfg::history_reply& found, const cfg::page_wanted& page) {
  json items = json::array();
  for (const auto& row : found.rows) items.push_back(history_item(row, nullptr, nullptr));
  return page_of(found.total, page, std::move(items));
}

json history_details(const cfg::history_row& row, std::string_view content) {
  return history_item(row, row.item.md5, content);
}

}  // namespace troupe::http

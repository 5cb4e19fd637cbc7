// configuration_queries: what one may ask the configuration centre without changing it, and what it
// answers. Structs own no texts. Knows nothing of HTTP and of how configurations are stored.
// nacos-spec C.8.2, C.8.4.
#pragma once

#include "processors/configuration_messages.hpp"

namespace troupe::processors::config {

constexpr std::uint64_t page_number_max = std::uint64_t{1} << 31U;
constexpr std::uint64_t page_size_max = 10'000;
/// Of one answer; a page with more is refused, and a smaller one is to be asked for.
constexpr std::size_t page_bytes_max = 15U << 20U;
constexpr std::size_t listed_items_max = 100'000;
constexpr std::size_t search_text_bytes_max = 256;

constexpr std::string_view query_get = "ITEM_GET";
constexpr std::string_view query_search = "ITEM_SEARCH";
constexpr std::string_view query_list = "ITEM_LIST";
constexpr std::string_view query_history = "HISTORY_LIST";
constexpr std::string_view query_history_row = "HISTORY_GET";
constexpr std::string_view query_history_previous = "HISTORY_PREVIOUS";

struct get {
  item_key key;
  friend bool operator==(const get&, const get&) = default;
};

struct get_reply {
  std::optional<config::item> item;
  std::string_view content;
  friend bool operator==(const get_reply&, const get_reply&) = default;
};

struct page_wanted {
  std::uint64_t number = 1;  ///< from 1
  std::uint64_t size = 100;
  friend bool operator==(const page_wanted&, const page_wanted&) = default;
};

/// Configurations of a namespace by group and data id. An empty text means any.
struct search {
  std::string_view tenant;
  std::string_view config_group;
  std::string_view data_id;
  bool blur = false;  ///< '*' in group, data id, app name and content stands for any characters
  std::string_view app_name;
  std::string_view content;             ///< occurs in the content
  std::vector<std::string_view> tags;   ///< has one of them
  std::vector<std::string_view> types;  ///< is of one of them
  page_wanted page;
  friend bool operator==(const search&, const search&) = default;
};

struct found_item {
  config::item item;
  std::string_view content;
  friend bool operator==(const found_item&, const found_item&) = default;
};

struct search_reply {
  std::uint64_t total = 0;
  std::vector<found_item> items;
  friend bool operator==(const search_reply&, const search_reply&) = default;
};

/// All configurations of a namespace; refused beyond listed_items_max. Of each its key, id, app
/// name, type and digest.
struct list {
  std::string_view tenant;
  friend bool operator==(const list&, const list&) = default;
};

struct list_reply {
  std::vector<config::item> items;
  friend bool operator==(const list_reply&, const list_reply&) = default;
};

/// The rows of one configuration, newest first.
struct history {
  item_key key;
  page_wanted page;
  friend bool operator==(const history&, const history&) = default;
};

struct history_reply {
  std::uint64_t total = 0;
  std::vector<history_row> rows;
  friend bool operator==(const history_reply&, const history_reply&) = default;
};

struct get_history_row {
  std::uint64_t id = 0;
  friend bool operator==(const get_history_row&, const get_history_row&) = default;
};

/// The newest row of the configuration with this id, which may be gone.
struct previous_history_row {
  item_key key;
  std::uint64_t item_id = 0;
  friend bool operator==(const previous_history_row&, const previous_history_row&) = default;
};

/// Answer to both.
struct history_row_reply {
  std::optional<history_row> row;
  std::string_view content;
  friend bool operator==(const history_row_reply&, const history_row_reply&) = default;
};

using question = std::variant<get, search, list, history, get_history_row, previous_history_row>;

std::string encode(const get& q);
std::string encode(const get_reply& r);
std::string encode(const search& q);
std::string encode(const search_reply& r);
std::string encode(const list& q);
std::string encode(const list_reply& r);
std::string encode(const history& q);
std::string encode(const history_reply& r);
std::string encode(const get_history_row& q);
std::string encode(const previous_history_row& q);
std::string encode(const history_row_reply& r);

/// Limits are checked here.
decoded<question> decode_question(std::string_view bytes);
decoded<get_reply> decode_get_reply(std::string_view bytes);
decoded<search_reply> decode_search_reply(std::string_view bytes);
decoded<list_reply> decode_list_reply(std::string_view bytes);
decoded<history_reply> decode_history_reply(std::string_view bytes);
decoded<history_row_reply> decode_history_row_reply(std::string_view bytes);

}  // namespace troupe::processors::config

// config_bodies: the JSON and the headers in which configurations and their history are shown
// (nacos-spec C.8.2, C.8.4). Fields stand in Nacos's order. Knows nothing of requests.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "http/exchange.hpp"
#include "processors/configuration_queries.hpp"

namespace troupe::http {

/// The content itself, with digest, type and date in headers: GET of v1.
response config_content(const processors::config::item& i, std::string_view content);
/// Everything about one: GET with show=all.
nlohmann::ordered_json config_details(const processors::config::item& i, std::string_view content);
/// What /catalog tells.
nlohmann::ordered_json config_catalog(const processors::config::item& i);
nlohmann::ordered_json config_page(const processors::config::search_reply& found,
                                   const processors::config::page_wanted& page);
/// Those of a namespace, without contents.
nlohmann::ordered_json config_list(const processors::config::list_reply& found);

nlohmann::ordered_json history_page(const processors::config::history_reply& found,
                                    const processors::config::page_wanted& page);
nlohmann::ordered_json history_details(const processors::config::history_row& row,
                                       std::string_view content);

/// What keeps proxies and clients from answering for us.
void forbid_caching(response& r);

}  // namespace troupe::http

#include "naming/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace troupe::naming {

namespace {

bool is_plain(char c) {
  return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_plain)) {
    out.append(1, '"').append(text).append(1, '"');
    return;
  }
  using json = nlohmann::json;
  out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_json(std::string& out, double number) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  const std::string_view digits(text, static_cast<std::size_t>(end - text));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_json(std::string& out, const processors::naming::text_map& map) {
  out += '{';
  const char* separator = "";
  for (const auto& [key, value] : map) {
    out += separator;
    append_json(out, key);
    out += ':';
    append_json(out, value);
    separator = ",";
  }
  out += '}';
}

}  // namespace troupe::naming

#include "tests/linearizability/history_file.hpp"

#include <istream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace troupe::linearizability {
namespace {

using nlohmann::json;

template <class T>
std::optional<T> nullable(const json& line, const char* field) {
  const auto found = line.find(field);
  return found == line.end() || found->is_null() ? std::nullopt : std::optional<T>(found->get<T>());
}

op_kind kind_of(const std::string& name) {
  if (name == "put") {
    return op_kind::put;
  }
  if (name == "get") {
    return op_kind::get;
  }
  if (name == "cas") {
    return op_kind::cas;
  }
  if (name == "delete") {
    return op_kind::remove;
  }
  throw std::invalid_argument("op must be put, get, cas or delete");
}

operation operation_of(const json& line) {
  operation op;
  op.kind = kind_of(line.at("op").get<std::string>());
  op.client = line.at("client").get<int>();
  const auto ok = nullable<bool>(line, "ok");
  op.result = !ok ? outcome::unknown : *ok ? outcome::ok : outcome::failed;
  if (op.kind == op_kind::put || op.kind == op_kind::cas) {
    op.value = line.at("value").get<std::string>();
  }
  op.expected = nullable<std::uint64_t>(line, "expected");
  if (op.kind == op_kind::get) {
    op.observed = nullable<std::string>(line, "observed");
  }
  op.version = nullable<std::uint64_t>(line, "version");
  op.start_ns = line.at("start_ns").get<std::int64_t>();
  // An answer that left the outcome open says nothing about when the write takes effect.
  if (op.result != outcome::unknown) {
    op.end_ns = line.at("end_ns").get<std::int64_t>();
  }
  return op;
}

bool tells_something(const operation& op) {
  const bool read_nothing = op.kind == op_kind::get && op.result != outcome::ok;
  const bool did_nothing = op.kind != op_kind::cas && op.result == outcome::failed;
  return !read_nothing && !did_nothing;
}

}  // namespace

histories read_histories(std::istream& lines) {
  histories read;
  std::string text;
  for (std::size_t number = 1; std::getline(lines, text); ++number) {
    if (text.empty()) {
      continue;
    }
    try {
      const json line = json::parse(text);
      operation op = operation_of(line);
      history& of_key = read.by_key[line.at("key").get<std::string>()];
      if (tells_something(op)) {
        of_key.push_back(std::move(op));
      }
    } catch (const std::exception& e) {
      read.error = "line " + std::to_string(number) + ": " + e.what();
      return read;
    }
  }
  return read;
}

}  // namespace troupe::linearizability

#include "processors/payload.hpp"

#include <algorithm>
#include <bit>
#include <msgpack/null_visitor.hpp>
#include <msgpack/pack.hpp>
#include <msgpack/unpack.hpp>
#include <utility>

#include "processors/fixed_width.hpp"

namespace troupe::processors {

namespace {

/// Nothing that we encode nests deeper; deeper input is somebody's attack or a bug.
constexpr int depth_max = 8;
/// Version, kind, operation and the fields of a flat command.
constexpr std::size_t usual_tokens = 12;

struct string_sink {
  std::string& out;
  void write(const char* data, std::size_t size) { out.append(data, size); }
};

class packing {
 public:
  explicit packing(std::string& out) : sink_{out}, packer_(sink_) {}
  msgpack::packer<string_sink>* operator->() { return &packer_; }

 private:
  string_sink sink_;
  msgpack::packer<string_sink> packer_;
};

using token = payload_reader::token;
using token_type = payload_reader::token_type;

/// Flattens one object into tokens. A visitor, not msgpack::object: no zone is allocated for each
/// entry, and limits hold while parsing instead of afterwards.
class flattener : public msgpack::null_visitor {
 public:
  flattener(std::vector<token>& tokens, std::size_t tokens_max)
      : tokens_(tokens), tokens_max_(tokens_max) {}

  bool visit_nil() { return add({}); }
  bool visit_boolean(bool v) { return add({token_type::boolean, v ? 1U : 0U, 0, {}}); }
  bool visit_positive_integer(std::uint64_t v) { return add({token_type::integer, v, 0, {}}); }
  bool visit_negative_integer(std::int64_t) { return refuse("negative numbers have no meaning"); }
  bool visit_float32(float v) { return add({token_type::number, 0, static_cast<double>(v), {}}); }
  bool visit_float64(double v) { return add({token_type::number, 0, v, {}}); }
  bool visit_str(const char* v, std::uint32_t size) {
    return add({token_type::text, 0, 0, {v, size}});
  }
  bool visit_bin(const char* v, std::uint32_t size) {
    return add({token_type::binary, 0, 0, {v, size}});
  }
  bool visit_ext(const char*, std::uint32_t) { return refuse("extension types have no meaning"); }
  bool start_array(std::uint32_t n) { return open({token_type::array, n, 0, {}}); }
  bool end_array() { return --depth_, true; }
  bool start_map(std::uint32_t n) { return open({token_type::map, n, 0, {}}); }
  bool end_map() { return --depth_, true; }
  void parse_error(std::size_t, std::size_t at) { broken(at, "not msgpack"); }
  void insufficient_bytes(std::size_t, std::size_t at) { broken(at, "ends too early"); }

  std::string why;

 private:
  bool add(token t) {
    if (tokens_.size() >= tokens_max_) return refuse("more fields than allowed");
    tokens_.push_back(t);
    return true;
  }
  bool open(token t) {
    if (++depth_ > depth_max) return refuse("nested too deeply");
    return add(t);
  }
  bool refuse(const char* reason) {
    why = reason;
    return false;
  }
  void broken(std::size_t at, const char* what) {
    why = std::string(what) + " at byte " + std::to_string(at);
  }

  std::vector<token>& tokens_;
  std::size_t tokens_max_;
  int depth_ = 0;
};

}  // namespace

payload_writer::payload_writer(std::uint32_t version, payload_kind kind, std::uint32_t fields,
                               std::size_t bytes) {
  out_.reserve(bytes);
  array(fields + 2);
  integer(version);
  integer(static_cast<std::uint64_t>(kind));
}

payload_writer& payload_writer::integer(std::uint64_t value) {
  packing(out_)->pack_uint64(value);
  return *this;
}

payload_writer& payload_writer::boolean(bool value) {
  value ? packing(out_)->pack_true() : packing(out_)->pack_false();
  return *this;
}

payload_writer& payload_writer::number(double value) {
  // Not pack_double: some versions of msgpack-c turn 1.0 into the integer 1, others do not, and
  // what is in the log must not depend on the library.
  out_.push_back(static_cast<char>(0xcb));
  append_fixed(out_, std::bit_cast<std::uint64_t>(value));
  return *this;
}

payload_writer& payload_writer::text(std::string_view value) {
  packing p(out_);
  p->pack_str(static_cast<std::uint32_t>(value.size()));
  p->pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
  return *this;
}

payload_writer& payload_writer::binary(std::string_view value) {
  packing p(out_);
  p->pack_bin(static_cast<std::uint32_t>(value.size()));
  p->pack_bin_body(value.data(), static_cast<std::uint32_t>(value.size()));
  return *this;
}

payload_writer& payload_writer::array(std::uint32_t elements) {
  packing(out_)->pack_array(elements);
  return *this;
}

payload_writer& payload_writer::map(std::uint32_t pairs) {
  packing(out_)->pack_map(pairs);
  return *this;
}

payload_writer& payload_writer::nil() {
  packing(out_)->pack_nil();
  return *this;
}

payload_reader::payload_reader(std::string_view bytes, std::uint32_t version, payload_kind kind,
                               std::size_t fields_max) {
  tokens_.reserve(std::min(usual_tokens, fields_max));
  std::size_t consumed = 0;
  flattener visitor(tokens_, fields_max);
  const bool parsed = msgpack::parse(bytes.data(), bytes.size(), consumed, visitor);
  if (!parsed || !visitor.why.empty()) {
    fail("payload: " + (visitor.why.empty() ? "not msgpack" : visitor.why));
    return;
  }
  if (consumed != bytes.size()) {
    fail("payload: " + std::to_string(bytes.size() - consumed) + " bytes too many");
    return;
  }
  if (array("payload", fields_max) < 2) fail("payload: lacks version and kind");
  if (const auto found = integer("version"); ok() && found != version) {
    fail("version: " + std::to_string(found) + " is unknown, this node knows " +
         std::to_string(version));
  }
  if (const auto found = integer("kind"); ok() && found != static_cast<std::uint64_t>(kind)) {
    fail("kind: " + std::to_string(found) + " where " +
         std::to_string(static_cast<unsigned>(kind)) + " belongs");
  }
}

const payload_reader::token* payload_reader::next(std::string_view field, token_type type,
                                                  std::string_view form) {
  if (!ok()) return nullptr;
  if (position_ >= tokens_.size()) {
    fail(std::string(field) + ": is missing");
    return nullptr;
  }
  const token& t = tokens_[position_++];
  if (t.type != type) {
    fail(std::string(field) + ": is not " + std::string(form));
    return nullptr;
  }
  return &t;
}

std::uint64_t payload_reader::integer(std::string_view field, std::uint64_t max) {
  const token* t = next(field, token_type::integer, "an unsigned number");
  if (t == nullptr) return 0;
  if (t->count > max) {
    fail(std::string(field) + ": is above " + std::to_string(max));
    return 0;
  }
  return t->count;
}

bool payload_reader::boolean(std::string_view field) {
  const token* t = next(field, token_type::boolean, "a boolean");
  return t != nullptr && t->count != 0;
}

double payload_reader::number(std::string_view field) {
  const token* t = next(field, token_type::number, "a floating-point number");
  return t == nullptr ? 0 : t->real;
}

std::string_view payload_reader::text(std::string_view field, std::size_t bytes_max) {
  const token* t = next(field, token_type::text, "a text");
  if (t == nullptr) return {};
  if (t->bytes.size() > bytes_max) {
    fail(std::string(field) + ": has more than " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  return t->bytes;
}

std::string_view payload_reader::binary(std::string_view field, std::size_t bytes_max) {
  const token* t = next(field, token_type::binary, "a run of bytes");
  if (t == nullptr) return {};
  if (t->bytes.size() > bytes_max) {
    fail(std::string(field) + ": has more than " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  return t->bytes;
}

std::size_t payload_reader::array(std::string_view field, std::size_t elements_max) {
  const token* t = next(field, token_type::array, "an array");
  if (t == nullptr) return 0;
  if (t->count > elements_max) {
    fail(std::string(field) + ": has more than " + std::to_string(elements_max) + " elements");
    return 0;
  }
  return t->count;
}

void payload_reader::tuple(std::string_view field, std::size_t elements) {
  const auto found = array(field, SIZE_MAX);
  if (ok() && found != elements) {
    fail(std::string(field) + ": has " + std::to_string(found) + " elements instead of " +
         std::to_string(elements));
  }
}

std::size_t payload_reader::map(std::string_view field, std::size_t pairs_max) {
  const token* t = next(field, token_type::map, "a map");
  if (t == nullptr) return 0;
  if (t->count > pairs_max) {
    fail(std::string(field) + ": has more than " + std::to_string(pairs_max) + " pairs");
    return 0;
  }
  return t->count;
}

void payload_reader::finish() {
  if (ok() && position_ != tokens_.size()) fail("payload: has more fields than it should");
}

void payload_reader::fail(std::string what) {
  if (ok()) error_.what = std::move(what);
}

}  // namespace troupe::processors

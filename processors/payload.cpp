#include "processors/payload.hpp"

#include <array>
#include <bit>
#include <msgpack/null_visitor.hpp>
#include <msgpack/pack.hpp>
#include <msgpack/unpack.hpp>
#include <utility>

#include "processors/fixed_width.hpp"

namespace troupe::processors {

namespace {

/// Nothing that we encode nests deeper; deeper input is somebody's attack or a bug.
constexpr std::size_t depth_max = 8;

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

/// True when the bytes are one object, of nothing that we do not take, and of no more fields than
/// `fields_max`. Every command and query goes through here, on each node: the common one must cost
/// little, so nothing is allocated.
bool is_sound(std::string_view bytes, std::size_t fields_max) {
  codec::head_reader in(bytes);
  // Objects that each level still lacks.
  std::array<std::uint64_t, depth_max + 1> missing = {1};
  std::size_t depth = 0;
  for (std::size_t fields = 0;; ++fields) {
    while (missing[depth] == 0) {
      if (depth == 0) return in.left() == 0;
      --depth;
    }
    --missing[depth];
    const auto head = in.next();
    if (head.kind == codec::head_kind::none || fields == fields_max) return false;
    const bool is_map = head.kind == codec::head_kind::map;
    if (!is_map && head.kind != codec::head_kind::array) continue;
    if (++depth > depth_max) return false;
    missing[depth] = is_map ? 2 * head.number : head.number;
  }
}

/// Finds what is wrong with bytes that are not sound, and where: msgpack-c's parser knows better.
class objector : public msgpack::null_visitor {
 public:
  explicit objector(std::size_t fields_max) : fields_max_(fields_max) {}

  bool visit_nil() { return add(); }
  bool visit_boolean(bool) { return add(); }
  bool visit_positive_integer(std::uint64_t) { return add(); }
  bool visit_negative_integer(std::int64_t) { return refuse("negative numbers have no meaning"); }
  bool visit_float32(float) { return add(); }
  bool visit_float64(double) { return add(); }
  bool visit_str(const char*, std::uint32_t) { return add(); }
  bool visit_bin(const char*, std::uint32_t) { return add(); }
  bool visit_ext(const char*, std::uint32_t) { return refuse("extension types have no meaning"); }
  bool start_array(std::uint32_t) { return open(); }
  bool end_array() { return --depth_, true; }
  bool start_map(std::uint32_t) { return open(); }
  bool end_map() { return --depth_, true; }
  void parse_error(std::size_t, std::size_t at) { broken(at, "not msgpack"); }
  void insufficient_bytes(std::size_t, std::size_t at) { broken(at, "ends too early"); }

  std::string why;

 private:
  bool add() { return fields_++ < fields_max_ || refuse("more fields than allowed"); }
  bool open() { return ++depth_ <= depth_max ? add() : refuse("nested too deeply"); }
  bool refuse(const char* reason) {
    why = reason;
    return false;
  }
  void broken(std::size_t at, const char* what) {
    why = std::string(what) + " at byte " + std::to_string(at);
  }

  std::size_t fields_max_;
  std::size_t fields_ = 0;
  std::size_t depth_ = 0;
};

std::string objection_to(std::string_view bytes, std::size_t fields_max) {
  std::size_t consumed = 0;
  objector visitor(fields_max);
  const bool parsed = msgpack::parse(bytes.data(), bytes.size(), consumed, visitor);
  if (parsed && visitor.why.empty() && consumed < bytes.size()) {
    return std::to_string(bytes.size() - consumed) + " bytes too many";
  }
  return visitor.why.empty() ? "not msgpack" : visitor.why;
}

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
                               std::size_t fields_max)
    : fields_(bytes) {
  if (!is_sound(bytes, fields_max)) {
    fail("payload: " + objection_to(bytes, fields_max));
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

codec::msgpack_head payload_reader::next(std::string_view field, codec::head_kind kind,
                                         std::string_view form) {
  if (!ok()) return {};
  if (fields_.left() == 0) {
    fail(std::string(field) + ": is missing");
    return {};
  }
  const auto head = fields_.next();
  if (head.kind == kind) return head;
  fail(std::string(field) + ": is not " + std::string(form));
  return {};
}

std::uint64_t payload_reader::integer(std::string_view field, std::uint64_t max) {
  const auto head = next(field, codec::head_kind::number, "an unsigned number");
  if (head.number <= max) return head.number;
  fail(std::string(field) + ": is above " + std::to_string(max));
  return 0;
}

bool payload_reader::boolean(std::string_view field) {
  return next(field, codec::head_kind::boolean, "a boolean").number != 0;
}

double payload_reader::number(std::string_view field) {
  return std::bit_cast<double>(
      next(field, codec::head_kind::real, "a floating-point number").number);
}

std::string_view payload_reader::run(std::string_view field, codec::head_kind kind,
                                     std::string_view form, std::size_t bytes_max) {
  const auto head = next(field, kind, form);
  if (head.run.size() <= bytes_max) return head.run;
  fail(std::string(field) + ": has more than " + std::to_string(bytes_max) + " bytes");
  return {};
}

std::string_view payload_reader::text(std::string_view field, std::size_t bytes_max) {
  return run(field, codec::head_kind::text, "a text", bytes_max);
}

std::string_view payload_reader::binary(std::string_view field, std::size_t bytes_max) {
  return run(field, codec::head_kind::binary, "a run of bytes", bytes_max);
}

std::size_t payload_reader::array(std::string_view field, std::size_t elements_max) {
  const auto head = next(field, codec::head_kind::array, "an array");
  if (head.number <= elements_max) return head.number;
  fail(std::string(field) + ": has more than " + std::to_string(elements_max) + " elements");
  return 0;
}

void payload_reader::tuple(std::string_view field, std::size_t elements) {
  const auto found = array(field, SIZE_MAX);
  if (ok() && found != elements) {
    fail(std::string(field) + ": has " + std::to_string(found) + " elements instead of " +
         std::to_string(elements));
  }
}

std::size_t payload_reader::map(std::string_view field, std::size_t pairs_max) {
  const auto head = next(field, codec::head_kind::map, "a map");
  if (head.number <= pairs_max) return head.number;
  fail(std::string(field) + ": has more than " + std::to_string(pairs_max) + " pairs");
  return 0;
}

void payload_reader::finish() {
  if (ok() && fields_.left() != 0) fail("payload: has more fields than it should");
}

void payload_reader::fail(std::string what) {
  if (ok()) error_.what = std::move(what);
}

}  // namespace troupe::processors

// msgpack_reference: what msgpack-c's own parser makes of bytes, to hold readers of our own
// against.
#pragma once

#include <cstdint>
#include <msgpack.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::reference {

struct allowed {
  std::size_t objects_max;
  int depth_max;
  bool has_maps;
  bool has_reals;
};

class judge : public msgpack::null_visitor {
 public:
  explicit judge(allowed a) : allowed_(a) {}

  bool visit_nil() { return add("nil"); }
  bool visit_boolean(bool v) { return add(v ? "true" : "false"); }
  bool visit_positive_integer(std::uint64_t v) { return add(std::to_string(v)); }
  bool visit_negative_integer(std::int64_t) { return false; }
  bool visit_float32(float v) { return visit_float64(static_cast<double>(v)); }
  bool visit_float64(double v) { return allowed_.has_reals && add("real " + std::to_string(v)); }
  bool visit_str(const char* v, std::uint32_t size) { return add("text " + std::string(v, size)); }
  bool visit_bin(const char* v, std::uint32_t size) { return add("run " + std::string(v, size)); }
  bool visit_ext(const char*, std::uint32_t) { return false; }
  bool start_array(std::uint32_t n) { return open("array " + std::to_string(n)); }
  bool end_array() { return --depth_, true; }
  bool start_map(std::uint32_t n) { return allowed_.has_maps && open("map " + std::to_string(n)); }
  bool end_map() { return --depth_, true; }
  void parse_error(std::size_t, std::size_t) { broken = true; }
  void insufficient_bytes(std::size_t, std::size_t) { broken = true; }

  std::vector<std::string> seen;
  bool broken = false;

 private:
  bool add(std::string what) {
    seen.push_back(std::move(what));
    return seen.size() <= allowed_.objects_max;
  }
  bool open(std::string what) { return ++depth_ <= allowed_.depth_max && add(std::move(what)); }

  allowed allowed_;
  int depth_ = 0;
};

/// Whether the bytes begin with an object that is allowed, what it holds, and where it ends.
struct verdict {
  bool accepted = false;
  std::size_t end = 0;
  std::vector<std::string> seen;
};

inline verdict judge_bytes(std::string_view bytes, allowed a) {
  verdict v;
  judge visitor(a);
  const bool parsed = msgpack::parse(bytes.data(), bytes.size(), v.end, visitor);
  v.accepted = parsed && !visitor.broken;
  v.seen = std::move(visitor.seen);
  return v;
}

/// Calls `look` with every prefix of `good`, with every value in every place, and with bytes from
/// nowhere that begin as objects do.
template <class Look>
void for_each_mutation(const std::string& good, Look look) {
  for (std::size_t size = 0; size <= good.size(); ++size) look(good.substr(0, size));
  look(good + '\0');
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      auto bad = good;
      bad[at] = static_cast<char>(value);
      look(bad);
    }
  }
  std::mt19937_64 chance(1);
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes;
    for (auto left = chance() % 24; left > 0; --left) {
      // Heads are as frequent as what stands behind them, and small numbers more than others.
      const auto draw = chance();
      bytes.push_back(static_cast<char>(draw % 4 == 0   ? draw >> 8U
                                        : draw % 4 == 1 ? (draw >> 8U) % 4
                                                        : 0x80U + (draw >> 8U) % 0x60U));
    }
    look(bytes);
  }
}

}  // namespace troupe::reference

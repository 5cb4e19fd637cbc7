// payload: the outer form of every command, query and reply of the built-in processors: one msgpack
// array [version, kind, operation, fields…]. Knows nothing of what operations and fields mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/decode_error.hpp"
#include "codec/msgpack_head.hpp"

namespace troupe::processors {

/// Values are in the log and on disk: never renumber.
enum class payload_kind : std::uint8_t {
  command = 1,
  query = 2,
  reply = 3,
  record = 4,  ///< what a processor keeps as the value of a key
};

/// Second element of the array is a payload_kind, first the version of the processor's format.
class payload_writer {
 public:
  /// `fields` counts what follows version and kind, the operation included; `bytes` is about what
  /// all of it will have.
  payload_writer(std::uint32_t version, payload_kind kind, std::uint32_t fields,
                 std::size_t bytes = 0);

  payload_writer& integer(std::uint64_t value);
  payload_writer& boolean(bool value);
  payload_writer& number(double value);
  payload_writer& text(std::string_view value);    ///< UTF-8: msgpack str
  payload_writer& binary(std::string_view value);  ///< any bytes: msgpack bin
  payload_writer& array(std::uint32_t elements);   ///< the elements follow
  payload_writer& map(std::uint32_t pairs);        ///< key and value of each pair follow
  payload_writer& nil();

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads fields in order, from bytes that were looked through as a whole before. The first failure
/// sticks: later reads give zero or empty, and error() names the field that was wrong. Texts point
/// into the bytes given to the constructor.
class payload_reader {
 public:
  /// Anything flat that a client may send has few fields; replies of lists have many.
  static constexpr std::size_t fields_max_default = 8'192;

  payload_reader(std::string_view bytes, std::uint32_t version, payload_kind kind,
                 std::size_t fields_max = fields_max_default);

  std::uint64_t integer(std::string_view field, std::uint64_t max = UINT64_MAX);
  bool boolean(std::string_view field);
  double number(std::string_view field);
  std::string_view text(std::string_view field, std::size_t bytes_max = SIZE_MAX);
  std::string_view binary(std::string_view field, std::size_t bytes_max = SIZE_MAX);
  std::size_t array(std::string_view field, std::size_t elements_max);
  /// An array of exactly so many elements.
  void tuple(std::string_view field, std::size_t elements);
  std::size_t map(std::string_view field, std::size_t pairs_max);

  /// Fails unless everything was read.
  void finish();
  /// The first failure wins.
  void fail(std::string what);

  [[nodiscard]] bool ok() const { return error_.what.empty(); }
  [[nodiscard]] const codec::decode_error& error() const { return error_; }

 private:
  /// Kind none after a failure.
  codec::msgpack_head next(std::string_view field, codec::head_kind kind, std::string_view form);
  std::string_view run(std::string_view field, codec::head_kind kind, std::string_view form,
                       std::size_t bytes_max);

  codec::head_reader fields_;
  codec::decode_error error_;
};

}  // namespace troupe::processors

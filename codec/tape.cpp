#include "codec/tape.hpp"

#include <array>
#include <msgpack.hpp>

#include "codec/msgpack_head.hpp"

namespace troupe::codec {
namespace {

const char* name_of(token_kind kind) {
  constexpr std::array names = {"nil", "a boolean", "a number", "a text", "binary", "an array"};
  return names[static_cast<std::size_t>(kind)];
}

// Called by msgpack::parse for each object that it meets; returning false stops the parser.
class tape_writer : public msgpack::null_visitor {
 public:
  tape_writer(std::vector<token>& tokens, std::size_t tokens_max)
      : tokens_(tokens), tokens_max_(tokens_max) {}

  bool visit_nil() { return put_number(token_kind::nil, 0); }
  bool visit_boolean(bool v) { return put_number(token_kind::boolean, v ? 1 : 0); }
  bool visit_positive_integer(std::uint64_t v) { return put_number(token_kind::number, v); }
  bool visit_str(const char* v, std::uint32_t size) { return put_run(token_kind::text, v, size); }
  bool visit_bin(const char* v, std::uint32_t size) { return put_run(token_kind::binary, v, size); }

  bool visit_negative_integer(std::int64_t) { return refuse("a negative number"); }
  bool visit_float32(float) { return refuse("a float"); }
  bool visit_float64(double) { return refuse("a float"); }
  bool visit_ext(const char*, std::uint32_t) { return refuse("an extension"); }
  bool start_map(std::uint32_t) { return refuse("a map"); }

  bool start_array(std::uint32_t elements) {
    if (++depth_ > nesting_max) {
      return refuse("nesting deeper than " + std::to_string(nesting_max));
    }
    return add(token_kind::array, elements) != nullptr;
  }
  bool end_array() {
    --depth_;
    return true;
  }

  void parse_error(std::size_t, std::size_t) { refuse("a byte that begins no object"); }
  void insufficient_bytes(std::size_t, std::size_t) { refused_ = "truncated"; }

  /// Empty while nothing was refused.
  [[nodiscard]] const std::string& refused() const { return refused_; }

 private:
  token* add(token_kind kind, std::uint32_t size) {
    if (tokens_.size() == tokens_max_) {
      refuse("more than " + std::to_string(tokens_max_) + " values in one object");
      return nullptr;
    }
    token& added = tokens_.emplace_back();
    added.kind = kind;
    added.size = size;
    return &added;
  }
  bool put_number(token_kind kind, std::uint64_t number) {
    token* added = add(kind, 0);
    if (added != nullptr) {
      added->number = number;
    }
    return added != nullptr;
  }
  bool put_run(token_kind kind, const char* data, std::uint32_t size) {
    token* added = add(kind, size);
    if (added != nullptr) {
      added->data = data;
    }
    return added != nullptr;
  }
  bool refuse(const std::string& what) {
    refused_ = what + " is not allowed";
    return false;
  }

  std::vector<token>& tokens_;
  std::size_t tokens_max_;
  std::uint32_t depth_ = 0;
  std::string refused_;
};

token token_of(const msgpack_head& head) {
  token t;
  switch (head.kind) {
    case head_kind::boolean:
      t.kind = token_kind::boolean;
      t.number = head.number;
      break;
    case head_kind::number:
      t.kind = token_kind::number;
      t.number = head.number;
      break;
    case head_kind::text:
    case head_kind::binary:
      t.kind = head.kind == head_kind::text ? token_kind::text : token_kind::binary;
      t.size = static_cast<std::uint32_t>(head.run.size());
      t.data = head.run.data();
      break;
    case head_kind::array:
      t.kind = token_kind::array;
      t.size = static_cast<std::uint32_t>(head.number);
      break;
    default:
      break;
  }
  return t;
}

}  // namespace

/// False when something is to be refused: msgpack-c then finds out what, and where.
bool tape::parse_sound(std::string_view bytes, std::size_t& offset, std::size_t tokens_max) {
  tokens_.clear();
  head_reader in(bytes.substr(offset));
  // Elements that each level still lacks; the outermost level is the object itself.
  std::array<std::uint64_t, nesting_max + 1> missing = {1};
  std::size_t depth = 0;
  for (;;) {
    while (missing[depth] == 0) {
      if (depth == 0) {
        offset = bytes.size() - in.left();
        return true;
      }
      --depth;
    }
    --missing[depth];
    const auto head = in.next();
    if (head.kind == head_kind::none || head.kind == head_kind::real ||
        head.kind == head_kind::map || tokens_.size() == tokens_max) {
      return false;
    }
    if (head.kind == head_kind::array) {
      if (++depth > nesting_max) {
        return false;
      }
      missing[depth] = head.number;
    }
    tokens_.push_back(token_of(head));
  }
}

raft::expected<void, decode_error> tape::parse(std::string_view bytes, std::size_t& offset,
                                               std::size_t tokens_max) {
  if (parse_sound(bytes, offset, tokens_max)) {
    return {};
  }
  tokens_.clear();
  tape_writer writer(tokens_, tokens_max);
  try {
    if (msgpack::parse(bytes.data(), bytes.size(), offset, writer)) {
      return {};
    }
  } catch (const msgpack::unpack_error& e) {
    // The parser itself throws, where sizes have 32 bits, for an extension of the largest size.
    return raft::unexpected(decode_error{std::string("msgpack: ") + e.what()});
  }
  return raft::unexpected(decode_error{"msgpack: " + writer.refused()});
}

raft::expected<void, decode_error> tape::parse_whole(std::string_view record,
                                                     std::size_t tokens_max) {
  std::size_t offset = 0;
  auto parsed = parse(record, offset, tokens_max);
  if (parsed && offset != record.size()) {
    return raft::unexpected(decode_error{"msgpack: " + std::to_string(record.size() - offset) +
                                         " bytes behind the object"});
  }
  return parsed;
}

const token* cursor::take(const char* field, token_kind wanted) {
  if (!ok()) {
    return nullptr;
  }
  if (next_ == end_) {
    refuse(field, "missing");
    return nullptr;
  }
  if (next_->kind != wanted) {
    refuse(field, std::string("must be ") + name_of(wanted) + ", is " + name_of(next_->kind));
    return nullptr;
  }
  return next_++;
}

std::uint64_t cursor::number(const char* field, std::uint64_t max) {
  const token* t = take(field, token_kind::number);
  if (t == nullptr) {
    return 0;
  }
  if (t->number > max) {
    refuse(field, std::to_string(t->number) + ", at most " + std::to_string(max));
    return 0;
  }
  return t->number;
}

bool cursor::boolean(const char* field) {
  const token* t = take(field, token_kind::boolean);
  return t != nullptr && t->number != 0;
}

std::string_view cursor::text(const char* field, std::size_t bytes_max) {
  const token* t = take(field, token_kind::text);
  if (t == nullptr) {
    return {};
  }
  if (t->size > bytes_max) {
    refuse(field, std::to_string(t->size) + " bytes, at most " + std::to_string(bytes_max));
    return {};
  }
  return {t->data, t->size};
}

std::string_view cursor::binary(const char* field) {
  const token* t = take(field, token_kind::binary);
  return t == nullptr ? std::string_view() : std::string_view(t->data, t->size);
}

std::uint32_t cursor::array(const char* field, std::uint32_t min, std::uint32_t max) {
  const token* t = take(field, token_kind::array);
  if (t == nullptr) {
    return 0;
  }
  if (t->size < min || t->size > max) {
    refuse(field, std::to_string(t->size) + " elements, must be " + std::to_string(min) + " to " +
                      std::to_string(max));
    return 0;
  }
  return t->size;
}

bool cursor::nil() {
  if (!ok() || next_ == end_ || next_->kind != token_kind::nil) {
    return false;
  }
  ++next_;
  return true;
}

void cursor::refuse(const char* field, std::string why) {
  if (ok()) {
    error_.what = std::string(field) + ": " + std::move(why);
  }
}

}  // namespace troupe::codec

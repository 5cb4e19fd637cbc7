// expected: a value or the reason why there is none; the part of C++23's std::expected that we use.
// Give way to the standard's as soon as every supported compiler has it.
#pragma once

#include <utility>
#include <variant>

namespace troupe::raft {

template <class E>
class unexpected {
 public:
  explicit unexpected(E error) : error_(std::move(error)) {}
  [[nodiscard]] const E& error() const& { return error_; }
  [[nodiscard]] E&& error() && { return std::move(error_); }

 private:
  E error_;
};

template <class T, class E>
class [[nodiscard]] expected {
 public:
  expected(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  expected(unexpected<E> failed) : held_(std::in_place_index<1>, std::move(failed).error()) {}

  [[nodiscard]] bool has_value() const { return held_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] const T& value() const& { return std::get<0>(held_); }
  [[nodiscard]] T& value() & { return std::get<0>(held_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(held_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  [[nodiscard]] const E& error() const& { return std::get<1>(held_); }
  [[nodiscard]] E&& error() && { return std::get<1>(std::move(held_)); }

 private:
  std::variant<T, E> held_;
};

/// Success carries nothing; only a failure says something.
template <class E>
class [[nodiscard]] expected<void, E> {
 public:
  expected() = default;
  expected(unexpected<E> failed) : held_(std::in_place_index<1>, std::move(failed).error()) {}

  [[nodiscard]] bool has_value() const { return held_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const E& error() const& { return std::get<1>(held_); }

 private:
  std::variant<std::monostate, E> held_;
};

}  // namespace troupe::raft

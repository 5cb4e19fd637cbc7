#include "http/date_forms.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace troupe::http {

namespace {

constexpr std::array day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// 9999-12-31T23:59:59Z: both forms have four digits for the year.
constexpr std::uint64_t seconds_max = 253'402'300'799;

std::tm broken_down(std::uint64_t ms) {
  const auto seconds = static_cast<std::time_t>(std::min(ms / 1'000, seconds_max));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string http_date(std::uint64_t ms) {
  const auto t = broken_down(ms);
  std::array<char, 64> out{};
  // Not strftime: names of days and months are English whatever the locale.
  const int size = std::snprintf(out.data(), out.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 day_names.at(static_cast<std::size_t>(t.tm_wday)), t.tm_mday,
                                 month_names.at(static_cast<std::size_t>(t.tm_mon)),
                                 t.tm_year + 1'900, t.tm_hour, t.tm_min, t.tm_sec);
  return {out.data(), static_cast<std::size_t>(size)};
}

std::string iso_date(std::uint64_t ms) {
  const auto t = broken_down(ms);
  std::array<char, 64> out{};
  const int size = std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03u+00:00",
                                 t.tm_year + 1'900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
                                 t.tm_sec, static_cast<unsigned>(ms % 1'000));
  return {out.data(), static_cast<std::size_t>(size)};
}

}  // namespace troupe::http

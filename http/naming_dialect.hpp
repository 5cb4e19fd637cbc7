// naming_dialect: how an answer of the naming API is dressed: v1 says it plainly, v2 in a Result
// with a code (nacos-spec C.3). Knows nothing of what is asked.
#pragma once

#include <string>
#include <string_view>

#include "http/nacos_result.hpp"

namespace troupe::http {

enum class naming_version : std::uint8_t { v1, v2 };

class naming_dialect {
 public:
  explicit naming_dialect(naming_version v) : v1_(v == naming_version::v1) {}

  [[nodiscard]] bool is_v1() const { return v1_; }
  /// ok
  [[nodiscard]] response done() const;
  [[nodiscard]] response data(nlohmann::ordered_json value) const;
  /// A rule of the request's own: 400, or another 4xx. `code` is for v2.
  [[nodiscard]] response refused(nacos_code code, std::string text, unsigned status = 400) const;
  /// A required parameter that is absent or blank.
  [[nodiscard]] response missing(std::string_view parameter) const;
  /// v1 text as v2 says it: what the checks that both share answer in plain words.
  [[nodiscard]] response dressed(response plain, nacos_code code) const;
  /// A read or write of a Raft group that failed; A.4.2: clients try the next server on 5xx.
  [[nodiscard]] response failed(const error& why, std::string_view raft_group) const;

 private:
  bool v1_;
};

}  // namespace troupe::http

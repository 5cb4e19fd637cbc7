// naming_parameters: what a request to the naming API says, read and checked as Nacos does it
// (nacos-spec C.1, C.2, C.4.1). Knows nothing of groups and of answers but for refusals.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "http/text_forms.hpp"
#include "naming/service.hpp"
#include "raft/expected.hpp"

namespace troupe::http {

/// A plain text, as the v1 naming API answers everything that is not JSON.
response plain_text(unsigned status, std::string body);

/// What was read, or the refusal to answer with.
template <class T>
using naming_read = raft::expected<T, response>;

/// Parameters of query string and form body; names are trimmed of nothing, values of blanks.
class naming_parameters {
 public:
  static naming_read<naming_parameters> of(const request& r);

  /// As sent, also when blank.
  [[nodiscard]] std::optional<std::string_view> as_sent(std::string_view name) const;
  /// Trimmed; a blank one counts as missing.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// 400 `Param '<name>' is required.` when missing.
  [[nodiscard]] naming_read<std::string_view> require(std::string_view name) const;
  /// Unset unless one of Nacos's spellings of true and false.
  [[nodiscard]] std::optional<bool> flag(std::string_view name) const;

 private:
  parameters all_;
};

using service_name = naming::service_key;

/// The limits on lengths and characters (C.2) of whatever is given; nothing when all hold.
std::optional<response> check_parameters(const naming_parameters& p);

/// serviceName, groupName, namespaceId.
naming_read<service_name> read_service(const naming_parameters& p);
/// The parameter `metadata`, empty when absent: a JSON object, whose scalars become texts, or
/// `k=v,k2=v2`.
naming_read<std::map<std::string, std::string>> read_metadata(const naming_parameters& p);

/// Elements of a comma list that are not blank.
std::vector<std::string> split_clusters(std::string_view list);

}  // namespace troupe::http

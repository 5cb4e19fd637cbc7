// config_parameters: what a request to the configuration API says, read and checked as Nacos does
// it (nacos-spec C.1, C.2, C.8.1). Knows nothing of groups and of answers but for refusals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/result.hpp"
#include "http/config_dialect.hpp"
#include "http/text_forms.hpp"
#include "processors/configuration_queries.hpp"
#include "raft/expected.hpp"

namespace troupe::http {

/// What was read, or the refusal to answer with.
template <class T>
using config_read = raft::expected<T, response>;

/// Parameters of query string and form body, and which version of the API they are for. Views point
/// into it.
class config_parameters {
 public:
  static config_read<config_parameters> of(const request& r, config_dialect d);

  [[nodiscard]] config_dialect dialect() const { return dialect_; }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
    return all_.find(name);
  }
  /// Empty when missing.
  [[nodiscard]] std::string_view text(std::string_view name) const {
    return find(name).value_or(std::string_view());
  }
  /// As find, but missing when blank.
  [[nodiscard]] std::optional<std::string_view> given(std::string_view name) const;
  [[nodiscard]] bool is(std::string_view name, std::string_view value) const {
    return text(name) == value;
  }
  /// Refuses when missing; it may be blank.
  [[nodiscard]] config_read<std::string_view> require(std::string_view name) const;
  /// The namespace, under its one inner name.
  [[nodiscard]] std::string_view tenant() const;

 private:
  parameters all_;
  config_dialect dialect_ = config_dialect::v1;
};

/// The limits on lengths and characters (C.2) of whatever is given; nothing when all hold.
std::optional<response> check_config_parameters(const config_parameters& p);

/// dataId, group and namespace of one configuration.
config_read<processors::config::item_key> read_config_key(const config_parameters& p);
/// All that a publication says, but for digest, source and stamp. Beta and tagged ones are refused.
config_read<processors::config::publish> read_publication(const request& r,
                                                          const config_parameters& p);
config_read<processors::config::search> read_config_search(const config_parameters& p);
/// pageNo and pageSize, which is cut to `size_max`.
config_read<processors::config::page_wanted> read_config_page(const config_parameters& p,
                                                              std::uint64_t size_max);
/// A number that must be there.
config_read<std::uint64_t> read_config_number(const config_parameters& p, std::string_view name);
/// `ids`, a comma list.
config_read<std::vector<std::uint64_t>> read_config_ids(const config_parameters& p);
/// Local unless the parameter `consistency` or the header X-Troupe-Consistency says otherwise.
config_read<consistency> read_consistency(const request& r, const config_parameters& p);

}  // namespace troupe::http

// config_listeners: the long polls that hang on this node, by the configurations they wait for.
// nacos-spec C.8.3. Knows nothing of sockets, of contents and of time but for what it is told.
//
// From any thread. One timer serves all of them: whoever owns it calls expire() now and then.
// Bounds: listeners_max polls, each with at most keys_max configurations, watches_max
// configurations in all; a poll beyond one of them is answered `refused` after a moment, so that
// clients do not come back at once. A poll costs about 200 bytes here, each of its configurations
// 32, and each configuration that anybody waits for about 120 and its names.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/config_table.hpp"

namespace troupe::http {

/// How the client wrote the namespace, which its answer repeats: the default one has many names.
enum class tenant_form : std::uint8_t { absent, text_public, text_null, own };

/// What a client believes about one configuration. Views into its request.
struct config_belief {
  std::string key;  ///< see config_key
  tenant_form form = tenant_form::absent;
  std::string_view md5;  ///< empty: does not exist
};

/// Appends what tells a client that this one has changed, percent-encoded. nacos-spec C.8.3 rule 7.
void append_changed(std::string& out, std::string_view key, tenant_form form);

enum class poll_end : std::uint8_t {
  changed,
  timed_out,
  refused,  ///< too many polls
};

struct config_listener_limits {
  std::size_t listeners_max = 18'000;
  std::size_t watches_max = 4'000'000;
};

class config_listeners {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using listener_id = std::uint64_t;
  /// Called once; `body` is empty unless something changed.
  using answer = std::function<void(poll_end how, std::string body)>;

  static constexpr std::size_t keys_max = 10'000;
  /// Between them a refused poll is answered.
  static constexpr std::chrono::milliseconds refusal_min{1'000};
  static constexpr std::chrono::milliseconds refusal_max{3'000};

  config_listeners(std::shared_ptr<const config_table> table, config_listener_limits limits)
      : table_(std::move(table)), limits_(limits) {}

  /// The configurations of which the client believes something else than what stands.
  [[nodiscard]] std::string compare(const std::vector<config_belief>& beliefs) const;

  /// Compares, and unless something differs registers, in one step: no change falls in between.
  /// Answers at once, later, or never, when drop() comes first. `address` is whom listeners()
  /// names.
  listener_id hang(const std::vector<config_belief>& beliefs, std::string address, time_point now,
                   std::chrono::milliseconds patience, answer done);
  /// The poll is forgotten, if it still hangs: its client has gone.
  void drop(listener_id id);

  /// Answers whoever waits for one of these. The table must show the change already.
  void changed(const config_table::changed_keys& keys);
  /// Answers whose time has come.
  void expire(time_point now);

  /// Polls that hang, without the refused ones.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t watches() const;
  /// Nobody waits for anything, not even for a refusal.
  [[nodiscard]] bool empty() const;
  /// Who waits for this configuration: addresses.
  [[nodiscard]] std::vector<std::string> listeners(std::string_view key) const;
  /// What those who poll from this address wait for: keys.
  [[nodiscard]] std::vector<std::string> listened_by(std::string_view address) const;

 private:
  struct listener;
  struct watch;
  struct key_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  /// The watches on each configuration.
  using index = std::unordered_map<std::string, std::vector<watch*>, key_hash, std::equal_to<>>;

  struct watch {
    listener* owner = nullptr;
    index::value_type* where = nullptr;
    std::uint32_t position = 0;  ///< in where->second
    tenant_form form = tenant_form::absent;
  };
  struct listener {
    listener_id id = 0;
    poll_end at_deadline = poll_end::timed_out;
    std::multimap<time_point, listener*>::iterator deadline;
    std::string address;
    answer done;
    std::vector<watch> watches;  ///< never resized once they are in the index
  };

  listener& add(time_point deadline, poll_end at_deadline, answer done);
  void register_watches(listener& l, const std::vector<config_belief>& beliefs);
  /// Takes it out of everything; what is left is to call its answer, without the lock.
  answer remove(listener& l);

  const std::shared_ptr<const config_table> table_;
  const config_listener_limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<listener_id, listener> listeners_;
  std::multimap<time_point, listener*> deadlines_;
  index index_;
  std::size_t watches_ = 0;
  std::size_t refused_ = 0;  ///< among the listeners: they only wait to be told
  listener_id last_id_ = 0;
};

}  // namespace troupe::http

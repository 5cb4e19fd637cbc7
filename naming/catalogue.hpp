// catalogue: all services as this node knows them: what the naming groups have committed, joined,
// and the ephemeral instances of this node. Reads wait for nothing and work without a leader
// (nacos-spec A.4.3). Knows nothing of how changes are agreed on, of probes and of HTTP.
//
// From any thread. A change costs one host, a read of a service that changed one pointer a host.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "naming/service.hpp"
#include "processors/naming_observer.hpp"

namespace troupe::naming {

/// Why an ephemeral registration is refused.
enum class ephemeral_refusal : std::uint8_t {
  persistent_service,  ///< the service exists as a persistent one. nacos-spec C.12.1
  too_many,            ///< the service has instances_per_service_max instances
};

struct catalogue_counts {
  std::size_t services = 0;
  std::size_t instances = 0;
  std::size_t ephemeral_instances = 0;
};

/// What nobody may need any more. nacos-spec E.1.5, E.2.2, E.3.1.
struct catalogue_leftovers {
  struct service {
    service_key key;
    std::uint64_t changed_ms = 0;
  };
  struct overlay {
    service_key service;
    std::string tag;
    friend auto operator<=>(const overlay&, const overlay&) = default;
  };
  /// Agreed services without instances that no user created and for which none set anything.
  std::vector<service> services;
  /// Services that have settings and do not exist, but for settings of ephemeral ones.
  std::vector<service_key> settings;
  std::vector<overlay> overlays;  ///< without their instance
};

class catalogue final : public processors::naming::naming_observer {
 public:
  catalogue();
  ~catalogue() override;

  /// Null when unknown: nobody registered and nobody created it.
  [[nodiscard]] service_ptr find(const service_key& key) const;
  /// What an answer or a push about `shown`, which find() gave, is stamped with: `now_ms` or later,
  /// and later than whatever showed the service otherwise: clients drop what is not newer (D.2).
  [[nodiscard]] std::uint64_t reference_time(const service_key& key, const service_ptr& shown,
                                             std::uint64_t now_ms) const;
  /// Calls `visit` for each service of a namespace, by service group and name, until it says false.
  void each(std::string_view namespace_id,
            const std::function<bool(const service_ptr&)>& visit) const;
  /// The services in which `client` (see host::client) publishes an instance, sorted.
  [[nodiscard]] std::vector<service_key> published_by(std::string_view client) const;
  /// Every client that publishes something, sorted.
  [[nodiscard]] std::vector<std::string> clients() const;
  [[nodiscard]] catalogue_counts counts() const;
  /// Looks at every service; others may change between two of them.
  [[nodiscard]] catalogue_leftovers leftovers() const;
  /// All three naming groups have told their whole state at least once.
  [[nodiscard]] bool is_loaded() const;
  /// This node leads the group of the instances: it probes them.
  [[nodiscard]] bool leads() const { return leads_; }

  /// Registers or replaces what `h.client()` publishes in the service.
  std::optional<ephemeral_refusal> put_ephemeral(const service_key& key, host h);
  /// False when there was none.
  bool erase_ephemeral(const service_key& key, std::string_view client);

  /// `changed` is called after each change of a service has become visible, on the thread that
  /// changed it, and must return at once. Call before anything changes.
  void watch(std::function<void(const service_key&)> changed);
  /// Likewise when this node begins or ceases to lead the group of the instances.
  void watch_leadership(std::function<void(bool)> changed);

  // naming_observer
  void instances_begin() override;
  void service_put(const processors::naming::service& s,
                   const processors::naming::service_record& record) override;
  void service_erased(const processors::naming::service& s) override;
  void instance_put(const processors::naming::service& s,
                    const processors::naming::instance& i) override;
  void instance_erased(const processors::naming::service& s, std::string_view client) override;
  void instances_loaded() override;
  void leading(bool leads) override;
  void settings_begin() override;
  void settings_put(const processors::naming::service& s,
                    const processors::naming::service_settings& settings) override;
  void settings_erased(const processors::naming::service& s) override;
  void settings_loaded() override;
  void overlays_begin() override;
  void overlay_put(const processors::naming::service& s, std::string_view tag,
                   const processors::naming::instance_overlay& overlay) override;
  void overlay_erased(const processors::naming::service& s, std::string_view tag) override;
  void overlays_loaded() override;
  void committed() override;

 private:
  struct slot;
  class change;
  using processors_service = processors::naming::service;

  /// Lays the operators' overlay over what was registered.
  static host_ptr shown_of(const slot& in, const host_ptr& registered);
  static service_ptr snapshot_of(const slot& s);
  static void add_leftovers(const slot& s, catalogue_leftovers& to);
  void put_host(change& in, const std::string& client, host_ptr registered);
  bool erase_host(change& in, std::string_view client);
  /// The overlay of `tag` is another one now, or gone.
  static void show_again(change& in, std::string_view tag);
  /// What a group did not tell again since its _begin is gone.
  template <class Drop>
  void drop_what_was_not_told(const Drop& drop);

  /// Not shared by readers: a lock that prefers them would let them keep the processors out.
  mutable std::mutex mutex_;
  std::map<service_key, std::unique_ptr<slot>> slots_;
  std::map<std::string, std::vector<const slot*>, std::less<>> publishers_;
  catalogue_counts counts_;
  std::uint64_t revision_ = 0;
  /// What services that are not here were last stamped with.
  mutable std::uint64_t floor_ms_ = 0;
  /// Counts the _begin of each group; what carries an older one was not told again.
  std::uint64_t instances_told_ = 0;
  std::uint64_t settings_told_ = 0;
  std::uint64_t overlays_told_ = 0;
  std::atomic<bool> instances_loaded_{false};
  std::atomic<bool> settings_loaded_{false};
  std::atomic<bool> overlays_loaded_{false};
  std::atomic<bool> leads_{false};

  std::set<service_key> changed_;  ///< since the last committed()
  std::vector<std::function<void(const service_key&)>> watchers_;
  std::vector<std::function<void(bool)>> leadership_watchers_;
};

}  // namespace troupe::naming

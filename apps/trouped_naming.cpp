#include "apps/trouped_naming.hpp"

#include <chrono>
#include <memory>

#include "processors/instance_metadata.hpp"
#include "processors/naming_switches.hpp"
#include "processors/persistent_instances.hpp"
#include "processors/service_metadata.hpp"

namespace troupe::apps {

namespace {

std::uint64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

/// The processor, which tells the catalogue what it has committed.
template <class Processor>
std::shared_ptr<Processor> observed(const http::naming_services& naming) {
  auto p = std::make_shared<Processor>();
  p->observe(naming.catalogue);
  return p;
}

}  // namespace

http::naming_services naming_services_of_node() {
  http::naming_services s;
  s.catalogue = std::make_shared<naming::catalogue>();
  s.ephemeral = std::make_shared<naming::ephemeral_instances>(s.catalogue, steady_ms);
  s.switches = std::make_shared<naming::switch_board>();
  return s;
}

void add_naming_processors(node& n, const http::naming_services& naming) {
  n.add(observed<processors::persistent_instances>(naming));
  n.add(observed<processors::service_metadata>(naming));
  n.add(observed<processors::instance_metadata>(naming));
  const auto switches = std::make_shared<processors::naming_switches>();
  switches->observe([board = naming.switches](auto all) { board->agreed(std::move(all)); });
  n.add(switches);
}

}  // namespace troupe::apps

#include "groups/node_figures.hpp"

namespace troupe::groups {

void show(const node_figures& figures, node_status& in) {
  const auto& s = figures.stages;
  in.write_stages = {
      {"queue", s.queue.read()}, {"encode", s.encode.read()},       {"log", s.log.read()},
      {"sync", s.sync.read()},   {"replicate", s.replicate.read()}, {"apply", s.apply.read()},
      {"total", s.total.read()}};
  in.made_way = figures.made_way;
}

}  // namespace troupe::groups

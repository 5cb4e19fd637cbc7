#include "groups/actor_processor.hpp"

#include "codec/group_name.hpp"
#include "groups/node_internals.hpp"

namespace troupe {

error add_actor_processor(node& on, std::string name, processor_maker maker) {
  const auto id = codec::group_id_of(name);
  return on.inside().add({std::move(name), id, std::move(maker)});
}

}  // namespace troupe

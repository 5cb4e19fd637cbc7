// messages: what the actors of this folder are told, and their interfaces. All local; nothing here
// is ever serialised. Knows nothing of HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/error.hpp"
#include "groups/messages.hpp"
#include "naming/probe_book.hpp"

namespace troupe::naming {

/// What the receiver watches has changed: services, who leads, who subscribed.
struct look_again {};

// ---- health checker ----------------------------------------------------------------------------

struct probes_switched {
  probe_switches now;
};

/// The probe of this number is over.
struct probed {
  std::uint64_t number = 0;
  probe_outcome outcome;
};

/// These were proposed; `why` says ok when they are committed.
struct flips_answered {
  std::vector<health_flip> flips;
  error why;
};

using health_checker_actor =
    caf::typed_actor<caf::reacts_to<look_again>, caf::reacts_to<probes_switched>,
                     caf::reacts_to<probed>, caf::reacts_to<flips_answered>,
                     caf::reacts_to<actors::woken>>;

// ---- push --------------------------------------------------------------------------------------

using pusher_actor = caf::typed_actor<caf::reacts_to<look_again>, caf::reacts_to<actors::woken>>;

}  // namespace troupe::naming

#define TROUPE_NAMING_MESSAGES(X)    \
  X(troupe::naming::look_again)      \
  X(troupe::naming::probes_switched) \
  X(troupe::naming::probed)          \
  X(troupe::naming::flips_answered)

#define TROUPE_ADD_NAMING_TYPE_ID(type) CAF_ADD_TYPE_ID(troupe_naming, (type))
CAF_BEGIN_TYPE_ID_BLOCK(troupe_naming, caf::id_block::troupe_groups::end)
TROUPE_NAMING_MESSAGES(TROUPE_ADD_NAMING_TYPE_ID)
CAF_END_TYPE_ID_BLOCK(troupe_naming)
TROUPE_NAMING_MESSAGES(TROUPE_ALLOW_LOCAL)

// verbs: the commands of interaction scripts, one handler each. A handler takes what it knows from
// the command and acts on the stage.
#pragma once

#include <span>

#include "tests/raft/script/command.hpp"
#include "tests/raft/script/stage.hpp"

namespace troupe::raft::script {

struct verb {
  const char* name;
  void (*handle)(stage&, command&);
};

std::span<const verb> setup_verbs();
std::span<const verb> request_verbs();
std::span<const verb> processing_verbs();
std::span<const verb> fault_verbs();
std::span<const verb> query_verbs();

}  // namespace troupe::raft::script

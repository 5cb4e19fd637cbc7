#include "raft/configuration.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::raft {

namespace {

bool has(const std::vector<node_id>& sorted, node_id n) {
  return std::binary_search(sorted.begin(), sorted.end(), n);
}

void normalise(std::vector<node_id>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

bool configuration::is_voter(node_id n) const {
  return has(voters, n) || has(outgoing, n);
}

bool configuration::is_learner(node_id n) const {
  return has(learners, n);
}

std::vector<node_id> configuration::members() const {
  std::vector<node_id> all = voters;
  all.insert(all.end(), outgoing.begin(), outgoing.end());
  all.insert(all.end(), learners.begin(), learners.end());
  normalise(all);
  return all;
}

configuration make_configuration(std::vector<node_id> voters, std::vector<node_id> learners) {
  normalise(voters);
  normalise(learners);
  return {.voters = std::move(voters),
          .outgoing = {},
          .learners = std::move(learners),
          .learners_next = {}};
}

configuration leave_joint(const configuration& joint) {
  std::vector<node_id> learners = joint.learners;
  learners.insert(learners.end(), joint.learners_next.begin(), joint.learners_next.end());
  return make_configuration(joint.voters, std::move(learners));
}

}  // namespace troupe::raft

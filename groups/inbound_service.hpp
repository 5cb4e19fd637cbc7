// inbound_service: what a node does with frames from other nodes and from native clients: messages
// go to their group's actor, requests to the backend, those of one frame together. Called from I/O
// threads; never blocks.
#pragma once

#include <memory>

#include "actors/peer_listener.hpp"
#include "actors/published.hpp"
#include "groups/directory.hpp"
#include "groups/local_backend.hpp"
#include "groups/services.hpp"

namespace troupe::groups {

class inbound_service : public actors::peer_service {
 public:
  inbound_service(std::shared_ptr<const node_facts> facts, std::shared_ptr<directory> groups,
                  std::shared_ptr<local_backend> backend,
                  std::shared_ptr<actors::published<actors::snapshot_intake_actor>> intake)
      : facts_(std::move(facts)),
        groups_(std::move(groups)),
        backend_(std::move(backend)),
        intake_(std::move(intake)) {}

  [[nodiscard]] error welcome(const codec::hello& said) override;
  void messages(std::vector<codec::group_message> arrived) override;
  void requests(std::vector<codec::request> arrived,
                const std::shared_ptr<actors::reply_sink>& sink) override;

 private:
  void administer(codec::request r, completion done);
  void take_snapshot_part(const codec::request& r, completion done);

  std::shared_ptr<const node_facts> facts_;
  std::shared_ptr<directory> groups_;
  std::shared_ptr<local_backend> backend_;
  std::shared_ptr<actors::published<actors::snapshot_intake_actor>> intake_;
};

}  // namespace troupe::groups

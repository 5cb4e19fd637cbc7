// What a node does with the groups that it leads before it stops.
#include <future>
#include <mutex>
#include <thread>

#include "groups/node_internals.hpp"

namespace troupe {

using groups::clock;

namespace {

/// The healthiest follower to lead after us; none when we do not lead or are alone.
raft::node_id successor(const raft::core_status& s) {
  if (s.soft.role != raft::role::leader) return {};
  const raft::progress_status* best = nullptr;
  for (const auto& p : s.progress) {
    if (p.learner || p.id == s.self || !p.recently_active) continue;
    if (best == nullptr || best->match < p.match) best = &p;
  }
  return best == nullptr ? raft::node_id{} : best->id;
}

}  // namespace

void node::internals::hand_over_leadership(std::chrono::milliseconds patience) {
  const auto end = clock::now() + patience;
  // Once for each group: when all nodes stop together, leadership must not go round for ever.
  const auto asked = std::make_shared<std::set<std::string>>();
  std::size_t led = 1;
  while (led > 0 && clock::now() < end) {
    auto still_led = std::make_shared<std::promise<std::size_t>>();
    auto answered = still_led->get_future();
    ask_to_hand_over(asked, [still_led](std::size_t n) { still_led->set_value(n); });
    if (answered.wait_until(end) != std::future_status::ready) return;
    led = answered.get();
    if (led > 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

/// Tells `done` how many groups this node leads and is about to hand over.
void node::internals::ask_to_hand_over(const std::shared_ptr<std::set<std::string>>& asked,
                                       std::function<void(std::size_t)> done) {
  struct tally {
    std::function<void(std::size_t)> done;
    std::mutex guard;
    std::size_t led = 0;
    ~tally() { done(led); }  // by whoever answers last
  };
  const auto count = std::make_shared<tally>();
  count->done = std::move(done);
  for (const auto& entry : groups->all()) {
    const auto member = entry->actor();
    if (!member) continue;
    auto ask = [self = shared_from_this(), count, asked](const group_status& s,
                                                         const std::string&) {
      const auto to = successor(s.core);
      if (to.is_none()) return;
      std::lock_guard lock(count->guard);
      const bool first = asked->insert(s.name).second;
      if (!first && s.core.transferee.is_none()) return;  // it came back: keep it
      ++count->led;
      if (!first) return;
      self->backend->transfer(s.name, to_string(to), std::chrono::milliseconds{500}, false,
                              [](const result&) {});
    };
    actors::send_urgent(
        *member,
        groups::status_request{
            std::make_shared<std::function<void(group_status, std::string)>>(std::move(ask))});
  }
}

}  // namespace troupe

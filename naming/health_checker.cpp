#include "naming/health_checker.hpp"

#include <spdlog/spdlog.h>

#include <mutex>
#include <optional>

#include "naming/health_checker_actor.hpp"

namespace troupe::naming {

/// Whose watchers outlive it holds it weakly: the catalogue may live longer than the actors.
class health_checker::inside : public std::enable_shared_from_this<health_checker::inside> {
 public:
  inside(caf::actor_system& system, health_checker_options options)
      : system_(system), options_(std::move(options)) {}

  void start() {
    auto& services = *options_.services;
    services.watch([weak = weak_from_this(), feed = feed_, all = &services](const auto& key) {
      // A node that begins to lead looks at all of them anyway.
      if (!all->leads() || !feed->changed.add(key)) return;
      if (const auto self = weak.lock()) self->tell(look_again{});
    });
    services.watch_leadership([weak = weak_from_this(), feed = feed_](bool leads) {
      if (leads) ++feed->leaderships;
      if (const auto self = weak.lock()) self->tell(look_again{});
    });
    spawn();
  }

  void use(const probe_switches& switches) {
    {
      const std::lock_guard lock(guard_);
      options_.switches = switches;
    }
    tell(probes_switched{switches});
  }

  void stop() {
    const std::lock_guard lock(guard_);
    stopped_ = true;
    if (actor_) actors::stop(*actor_);
    actor_.reset();
  }

  [[nodiscard]] const shown_health_counts& shown() const { return *shown_; }

 private:
  void spawn() {
    std::unique_lock lock(guard_);
    if (stopped_) return;
    const auto fresh = spawn_health_checker(system_, options_, feed_, shown_);
    actor_ = fresh;
    lock.unlock();
    fresh->attach_functor([weak = weak_from_this()](const caf::error&) {
      if (const auto self = weak.lock()) self->ended();
    });
  }

  /// The next one asks the catalogue where things stand; nothing is lost but counters.
  void ended() {
    {
      const std::lock_guard lock(guard_);
      if (stopped_) return;
    }
    spdlog::error("the health checker ended, it starts again");
    spawn();
  }

  template <class Message>
  void tell(Message&& m) {
    const std::lock_guard lock(guard_);
    if (actor_) actors::send(*actor_, std::forward<Message>(m));
  }

  caf::actor_system& system_;
  health_checker_options options_;
  std::shared_ptr<health_feed> feed_ = std::make_shared<health_feed>();
  std::shared_ptr<shown_health_counts> shown_ = std::make_shared<shown_health_counts>();
  std::mutex guard_;
  std::optional<health_checker_actor> actor_;
  bool stopped_ = false;
};

health_checker::health_checker(caf::actor_system& system, health_checker_options options)
    : inside_(std::make_shared<inside>(system, std::move(options))) {
  inside_->start();
}

health_checker::~health_checker() {
  stop();
}

void health_checker::use(const probe_switches& switches) {
  inside_->use(switches);
}

void health_checker::stop() {
  inside_->stop();
}

health_counts health_checker::counts() const {
  const auto& s = inside_->shown();
  return {s.active, s.instances, s.targets, s.open, s.waiting, s.probes, s.flips, s.flips_failed};
}

}  // namespace troupe::naming

#include "naming/push.hpp"

#include <spdlog/spdlog.h>

#include <mutex>
#include <optional>

#include "naming/push_packet.hpp"
#include "naming/pusher_actor.hpp"

namespace troupe::naming {

class push::inside : public std::enable_shared_from_this<push::inside> {
 public:
  inside(caf::actor_system& system, push_options options)
      : system_(system),
        options_(std::move(options)),
        table_(std::make_shared<subscriber_table>(options_.limits)) {
    if (!options_.now) options_.now = [] { return actors::clock::now(); };
    if (!options_.now_ns) {
      options_.now_ns = [] {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
      };
    }
    table_->use(options_.switches);
  }

  void start() {
    options_.services->watch(
        [weak = weak_from_this(), table = table_, changed = changed_](const service_key& key) {
          if (!table->is_watched(key) || !changed->add(key)) return;
          if (const auto self = weak.lock()) self->tell();
        });
    spawn();
  }

  subscription_outcome subscribe(const service_key& key, const subscriber& who) {
    const auto done = table_->subscribe(key, who, options_.now());
    // From now on somebody has to be forgotten some time.
    if (done.first) tell();
    return done.outcome;
  }

  void heard(const push_socket::endpoint& from, std::string_view datagram) {
    if (const auto reference = parse_push_ack(datagram)) {
      table_->acked(from, *reference, options_.now());
    }
  }

  void stop() {
    const std::lock_guard lock(guard_);
    stopped_ = true;
    if (actor_) actors::stop(*actor_);
    actor_.reset();
  }

  [[nodiscard]] subscriber_table& table() const { return *table_; }

 private:
  void spawn() {
    std::unique_lock lock(guard_);
    if (stopped_) return;
    const auto fresh = spawn_pusher(system_, options_, table_, changed_);
    actor_ = fresh;
    lock.unlock();
    fresh->attach_functor([weak = weak_from_this()](const caf::error&) {
      if (const auto self = weak.lock()) self->ended();
    });
  }

  /// What was about to be pushed is lost: the clients poll.
  void ended() {
    {
      const std::lock_guard lock(guard_);
      if (stopped_) return;
    }
    spdlog::error("the pusher ended, it starts again");
    spawn();
  }

  void tell() {
    const std::lock_guard lock(guard_);
    if (actor_) actors::send(*actor_, look_again{});
  }

  caf::actor_system& system_;
  push_options options_;
  std::shared_ptr<subscriber_table> table_;
  std::shared_ptr<changed_services> changed_ = std::make_shared<changed_services>();
  std::mutex guard_;
  std::optional<pusher_actor> actor_;
  bool stopped_ = false;
};

push::push(caf::actor_system& system, push_options options)
    : inside_(std::make_shared<inside>(system, std::move(options))) {
  inside_->start();
}

push::~push() {
  stop();
}

subscription_outcome push::subscribe(const service_key& key, const subscriber& who) {
  return inside_->subscribe(key, who);
}

std::vector<subscriber> push::subscribers(const service_key& key) const {
  return inside_->table().subscribers(key);
}

std::vector<service_key> push::subscribed_by(std::string_view client) const {
  return inside_->table().subscribed_by(client);
}

std::vector<std::string> push::subscribed_clients() const {
  return inside_->table().clients();
}

push_counts push::counts() const {
  return inside_->table().counts();
}

void push::heard(const push_socket::endpoint& from, std::string_view datagram) {
  inside_->heard(from, datagram);
}

void push::use(const push_switches& switches) {
  inside_->table().use(switches);
}

void push::stop() {
  inside_->stop();
}

}  // namespace troupe::naming

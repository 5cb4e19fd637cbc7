#include "groups/node.hpp"

#include "codec/group_name.hpp"
#include "groups/node_internals.hpp"
#include "groups/processor_host.hpp"

namespace troupe {
namespace {

/// Collects one answer a group; whoever lets go of it last completes it, so that a group that is
/// being restarted delays nobody.
class status_collector {
 public:
  using completed = std::function<void(std::vector<group_status>, std::vector<std::string>)>;

  explicit status_collector(completed done) : done_(std::move(done)) {}
  ~status_collector() {
    std::sort(groups_.begin(), groups_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    done_(std::move(groups_), std::move(reasons_));
  }

  void add(group_status s, std::string not_ready) {
    std::lock_guard lock(guard_);
    groups_.push_back(std::move(s));
    if (!not_ready.empty()) reasons_.push_back(std::move(not_ready));
  }

 private:
  std::mutex guard_;
  completed done_;
  std::vector<group_status> groups_;
  std::vector<std::string> reasons_;
};

/// A member that ends takes its requests along: then whoever waits hears that.
class answer_once {
 public:
  explicit answer_once(std::function<void(error)> done) : done_(std::move(done)) {}
  answer_once(const answer_once&) = delete;
  answer_once& operator=(const answer_once&) = delete;
  ~answer_once() { answer({error_code::outcome_unknown, "the member was restarted", {}}); }

  void answer(const error& e) {
    if (const auto done = std::exchange(done_, nullptr)) done(e);
  }

 private:
  std::function<void(error)> done_;
};

error no_such_group(const std::string& group) {
  return {error_code::unknown_group, "No corresponding Raft Group found : " + group, {}};
}

void collect(const groups::directory& all, status_collector::completed done) {
  const auto collector = std::make_shared<status_collector>(std::move(done));
  for (const auto& entry : all.all()) {
    const auto member = entry->actor();
    if (!member) {
      group_status away;
      away.name = entry->name();
      away.available = false;
      collector->add(std::move(away), entry->name() + ": restarting");
      continue;
    }
    auto answer = std::make_shared<std::function<void(group_status, std::string)>>(
        [collector](group_status s, std::string why) {
          collector->add(std::move(s), std::move(why));
        });
    actors::send_urgent(*member, groups::status_request{std::move(answer)});
  }
}

}  // namespace

node::node(std::shared_ptr<internals> parts) : internals_(std::move(parts)) {}

node::~node() {
  stop();
}

raft::expected<std::unique_ptr<node>, start_failure> node::open(node_options options) {
  auto parts = std::make_shared<internals>(std::move(options));
  if (auto failed = parts->start()) return raft::unexpected(std::move(*failed));
  return std::unique_ptr<node>(new node(std::move(parts)));
}

error node::add(std::shared_ptr<processor> p) {
  const auto name = p->group();
  const bool followers_may_lag = p->followers_may_lag();
  return internals_->add({name, codec::group_id_of(name),
                          groups::host_maker(std::move(p), internals_->queries),
                          followers_may_lag});
}

troupe::group node::group(const std::string& name) {
  return {name, internals_->backend};
}

void node::status(std::function<void(node_status)> done) {
  node_status s;
  s.id = internals_->facts->self;
  s.cluster = internals_->facts->cluster;
  s.incarnation = internals_->incarnation;
  groups::show(*internals_->figures, s);
  for (const auto& [id, address] : internals_->facts->nodes->addresses()) {
    s.members.push_back({id, address});
  }
  collect(*internals_->groups,
          [s = std::move(s), done = std::move(done)](auto found, const auto&) mutable {
            s.groups = std::move(found);
            done(std::move(s));
          });
}

void node::transfer(const std::string& group, const std::string& peer,
                    std::function<void(error)> done) {
  internals_->backend->transfer(
      group, peer, std::chrono::seconds(5), true,
      [done = std::move(done)](const result& r) { done(r ? error{} : r.error()); });
}

void node::change_members(const std::string& group, codec::membership_request wanted,
                          std::function<void(error)> done) {
  internals_->backend->change(
      group, std::move(wanted), std::chrono::seconds(5), true,
      [done = std::move(done)](const result& r) { done(r ? error{} : r.error()); });
}

void node::snapshot(const std::string& group, std::function<void(error)> done) {
  const auto entry = internals_->groups->find(group);
  if (!entry) return done(no_such_group(group));
  const auto member = entry->actor();
  if (!member) return done({error_code::no_leader, "the group is being loaded", {}});
  const auto once = std::make_shared<answer_once>(std::move(done));
  actors::send(*member,
               groups::snapshot_request{std::make_shared<std::function<void(const error&)>>(
                   [once](const error& e) { once->answer(e); })});
}

void node::content(const std::string& group, std::function<void(content_result)> done) {
  const auto entry = internals_->groups->find(group);
  const auto snapshotter = internals_->snapshotter->get();
  if (!entry || !snapshotter) {
    return done(raft::unexpected(entry
                                     ? error{error_code::shutting_down, "the node is stopping", {}}
                                     : no_such_group(group)));
  }
  actors::send(
      *snapshotter,
      actors::content_job{entry->id(), [done = std::move(done)](const auto& found) {
                            if (!found) {
                              return done(raft::unexpected(
                                  error{error_code::storage_failed, found.error().message(), {}}));
                            }
                            done(group_content{found->point.index, found->point.term, found->hash});
                          }});
}

void node::readiness(std::function<void(std::vector<std::string>)> done) {
  collect(*internals_->groups, [done = std::move(done)](const auto&, auto reasons) {
    std::sort(reasons.begin(), reasons.end());
    done(std::move(reasons));
  });
}

boost::asio::io_context& node::io() {
  return internals_->io;
}

std::uint16_t node::port() const {
  return internals_->listener->port();
}

void node::hand_over_leadership(std::chrono::milliseconds patience) {
  internals_->hand_over_leadership(patience);
}

void node::stop() {
  internals_->stop();
}

}  // namespace troupe

#include "groups/node_internals.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <cstdlib>

#include "actors/io_scheduler.hpp"
#include "actors/peer_link.hpp"
#include "groups/address.hpp"
#include "groups/roster_keeper.hpp"

namespace troupe {

using groups::clock;
using groups::split_address;

namespace {

constexpr std::uint32_t queries_max = 1024;
constexpr std::uint32_t ticks_per_heartbeat = 5;
constexpr int pings_per_timeout = 5;

start_failure from_status(const std::string& path, const persistence::status& s) {
  return {"data-dir",
          s.message().find(path) == std::string::npos ? path + ": " + s.message() : s.message()};
}

}  // namespace

node::internals::internals(node_options o)
    : options(std::move(o)),
      threads(actors::threads_or_default(options.threads)),
      io(static_cast<int>(threads)) {}

node::internals::~internals() {
  stop();
}

std::optional<start_failure> node::internals::start() {
  if (auto failed = check()) return failed;
  if (auto failed = open_stores()) return failed;
  if (auto failed = open_roster()) return failed;

  facts = make_facts();
  backend = std::make_shared<groups::local_backend>(facts, groups);

  config_.add_message_types<caf::id_block::troupe_actors>();
  config_.add_message_types<caf::id_block::troupe_groups>();
  actors::run_on(config_, io, threads);
  system_ = std::make_unique<caf::actor_system>(config_);
  queries = std::make_shared<groups::query_pool>(*system_, options.query_threads, queries_max);
  start_io();
  if (auto failed = listen()) return failed;
  start_registry({});
  return std::nullopt;
}

std::shared_ptr<const groups::node_facts> node::internals::make_facts() const {
  constexpr std::chrono::milliseconds one{1};
  auto known = std::make_shared<groups::node_facts>();
  known->self = options.id;
  known->cluster = options.cluster;
  known->nodes = nodes_;
  if (!options.join) {
    for (const auto& [id, address] : options.members) known->founders.push_back(id);
  }
  known->tick = std::max(options.heartbeat / ticks_per_heartbeat, one);
  known->heartbeat_ticks = ticks_per_heartbeat;
  known->election_timeout_ticks =
      static_cast<std::uint32_t>(options.election_timeout / known->tick);
  known->election_priority = options.election_priority;
  known->quiesce_after_ticks =
      static_cast<std::uint32_t>((options.quiesce_after + known->tick - one) / known->tick);
  known->disk_stall_max = options.disk_stall_max;
  known->reads = options.lease_reads ? raft::read_policy::lease : raft::read_policy::quorum;
  known->seed = (incarnation << 20U) + options.id.value();
  known->requests_max = options.requests_max;
  known->log_entries_max = options.log_entries_max;
  known->log_bytes_max = options.log_bytes_max;
  known->log_entries_kept = options.log_entries_kept;
  known->snapshot_bytes_per_second = options.snapshot_bytes_per_second;
  return known;
}

std::optional<start_failure> node::internals::check() {
  if (!options.members.contains(options.id)) {
    return start_failure{"members", "node " + to_string(options.id) +
                                        " is not among the members; add it as " +
                                        to_string(options.id) + "=host:port"};
  }
  for (const auto& [id, address] : options.members) {
    if (!split_address(address)) {
      return start_failure{"members",
                           "'" + address + "' of node " + to_string(id) + " is not host:port"};
    }
  }
  if (options.listen.empty()) options.listen = options.members.at(options.id);
  if (!split_address(options.listen)) {
    return start_failure{"listen", "'" + options.listen + "' is not host:port"};
  }
  if (options.heartbeat < std::chrono::milliseconds{1} ||
      options.election_timeout < options.heartbeat * 2) {
    return start_failure{
        "election-timeout-ms",
        "must be at least twice heartbeat-ms (" + std::to_string(options.heartbeat.count()) + ")"};
  }
  if (options.election_priority < 1 || options.election_priority > 4) {
    return start_failure{"election-priority", std::to_string(options.election_priority) +
                                                  " is not 1 (leads last) to 4 (leads first)"};
  }
  if (options.quiesce_after.count() < 0) {
    return start_failure{"quiesce-after-ms", "must not be negative; 0 means never"};
  }
  if (options.disk_stall_max.count() < 0) {
    return start_failure{"disk-stall-max-ms", "must not be negative; 0 means never"};
  }
  return std::nullopt;
}

std::optional<start_failure> node::internals::open_stores() {
  const auto& path = options.data_directory;
  auto directory = persistence::data_directory::open(path, {options.cluster, options.id});
  if (!directory) return from_status(path, directory.error());
  directory_ = std::move(*directory);
  incarnation = directory_->incarnation();

  persistence::log_store_options log_options;
  log_options.path = directory_->log_path();
  auto log = persistence::log_store::open(log_options);
  if (!log) return from_status(log_options.path, log.error());
  log_ = std::move(*log);

  persistence::state_store_options state_options;
  state_options.path = directory_->state_path();
  auto states = persistence::state_store::open(state_options);
  if (!states) return from_status(state_options.path, states.error());
  states_ = std::move(*states);
  return std::nullopt;
}

std::optional<start_failure> node::internals::open_roster() {
  const auto remembered = groups::read_roster(directory_->roster_path());
  if (!remembered) return start_failure{"data-dir", remembered.error()};
  nodes_ = std::make_shared<groups::roster>(options.members, *remembered);
  nodes_->on_change([weak = weak_from_this()] {
    const auto self = weak.lock();
    const auto keeper = self ? self->registry() : std::nullopt;
    if (keeper) actors::send(*keeper, groups::nodes_changed{});
  });
  return std::nullopt;
}

void node::internals::start_io() {
  work_.emplace(io.get_executor());
  for (std::size_t i = 0; i < threads; ++i) {
    io_threads_.emplace_back([this] { io.run(); });
  }
}

std::optional<start_failure> node::internals::listen() {
  const auto at = *split_address(options.listen);
  actors::listener_options l;
  l.host = at.host;
  l.port = static_cast<std::uint16_t>(std::stoul(at.port));
  l.identity.cluster = options.cluster;
  l.identity.node = options.id;
  l.identity.incarnation = incarnation;
  l.identity.birth = directory_->birth();
  listener = std::make_unique<actors::peer_listener>(
      io, std::move(l), std::make_shared<groups::inbound_service>(facts, groups, backend, intake_));
  const auto failed = listener->start();
  if (failed.empty()) return std::nullopt;
  return start_failure{"listen", "cannot listen on " + options.listen + ": " + failed +
                                     "; stop what uses it or give another address"};
}

void node::internals::start_registry(std::vector<groups::group_spec> specs) {
  groups::registry_options r;
  r.children = children;
  r.roles = roles;
  r.facts = facts;
  r.groups = groups;
  r.links = links_;
  r.log = log_;
  r.states = states_;
  r.fence = fence;
  r.figures = figures;
  r.roster_path = directory_->roster_path();
  r.snapshots_path = directory_->snapshots_path();
  r.intake = intake_;
  r.snapshotter = snapshotter;
  r.queries = queries;
  r.fatal = [this](const std::string& why) { fatal(why); };
  r.make_link = [this](raft::node_id peer, const actors::ticker_actor& ticker) {
    return make_link(peer, ticker);
  };
  r.specs = std::move(specs);
  std::unique_lock lock(guard_);
  if (stopping_) return;
  auto fresh = groups::spawn_registry(*system_, std::move(r));
  registry_ = fresh;
  roles->add("registry", fresh);
  lock.unlock();
  fresh->attach_functor([weak = weak_from_this()](const caf::error&) {
    if (const auto self = weak.lock()) self->registry_ended();
  });
}

void node::internals::registry_ended() {
  std::vector<groups::group_spec> specs;
  {
    std::lock_guard lock(guard_);
    if (stopping_) return;
    specs = specs_;
  }
  spdlog::error("the registry ended, everything starts again from disk");
  for (const auto& entry : groups->all()) entry->set_actor(std::nullopt);
  for (const auto& child : children->take()) {
    caf::anon_send_exit(child, caf::exit_reason::kill);
  }
  boost::asio::post(io, [self = shared_from_this(), specs = std::move(specs)]() mutable {
    self->start_registry(std::move(specs));
  });
}

std::optional<groups::registry_actor> node::internals::registry() {
  std::lock_guard lock(guard_);
  return registry_;
}

error node::internals::add(groups::group_spec spec) {
  const auto keeper = registry();
  if (!keeper) return {error_code::shutting_down, "the node is stopping", {}};
  error why{error_code::shutting_down, "the node is stopping", {}};
  caf::scoped_actor asking{*system_};
  asking->request(*keeper, std::chrono::seconds(10), groups::add_group{spec})
      .receive([&](const groups::added& a) { why = a.why; }, [&](const caf::error&) {});
  if (why.code == error_code::ok) {
    std::lock_guard lock(guard_);
    specs_.push_back(std::move(spec));
  }
  return why;
}

actors::peer_link_actor node::internals::make_link(raft::node_id peer,
                                                   const actors::ticker_actor& ticker) {
  const auto address = *split_address(facts->address_of(peer));
  actors::peer_link_options l;
  l.peer = peer;
  l.host = address.host;
  l.port = address.port;
  l.hello.cluster = options.cluster;
  l.hello.node = options.id;
  l.hello.target = peer;
  l.hello.incarnation = incarnation;
  l.hello.address = facts->address_of(options.id);
  l.hello.birth = directory_->birth();
  l.io = &io;
  l.line = std::make_shared<actors::direct_line>();
  links_->put_line(peer, l.line);
  // For all groups together, also for those that are silent: a node that cannot be reached is
  // known as such as soon as its followers would give up a leader.
  l.ping_interval = options.election_timeout / pings_per_timeout;
  l.suspect_after = l.ping_interval * (pings_per_timeout - 1);
  l.ticker = ticker;
  l.lost = [this, peer](std::optional<raft::group_id> group) { messages_lost(peer, group); };
  l.accept = [nodes = nodes_](const codec::hello_reply& said) {
    const auto met = nodes->meet(said.node, said.birth, {});
    if (met == groups::acquaintance::wiped)
      spdlog::error("node {} came back with other data: it is refused", to_string(said.node));
    return met == groups::acquaintance::welcome;
  };
  l.refused = [this](const codec::hello_reply& said) {
    if (said.code == error_code::wiped_node) {
      fatal("node " + to_string(said.node) + " refuses this node: " + said.message);
    }
  };
  l.gone = [this, peer] {
    for (const auto& entry : groups->all()) {
      if (const auto member = entry->actor()) actors::send_urgent(*member, actors::peer_gone{peer});
    }
  };
  return actors::spawn_peer_link(*system_, std::move(l));
}

void node::internals::messages_lost(raft::node_id peer, std::optional<raft::group_id> group) {
  const auto tell = [&](const groups::group_entry_ptr& entry) {
    if (const auto member = entry->actor()) actors::send(*member, actors::peer_lost{peer});
  };
  if (!group) {
    for (const auto& entry : groups->all()) tell(entry);
  } else if (const auto entry = groups->find(*group)) {
    tell(entry);
  }
}

void node::internals::fatal(const std::string& why) {
  std::call_once(fatal_once_, [&] {
    spdlog::critical("node {} stops: {}", to_string(options.id), why);
    if (options.on_fatal) return options.on_fatal(why);
    spdlog::default_logger()->flush();
    std::_Exit(4);
  });
}

// ---- stopping ----------------------------------------------------------------------------------

/// Waits for its end: only then are all its children on the list.
void node::internals::end_registry() {
  std::optional<groups::registry_actor> last;
  {
    std::lock_guard lock(guard_);
    stopping_ = true;
    last = std::exchange(registry_, std::nullopt);
  }
  if (!last) return;
  caf::scoped_actor waiting{*system_};
  caf::anon_send_exit(*last, caf::exit_reason::kill);
  waiting->wait_for(*last);
}

void node::internals::stop() {
  {
    std::lock_guard lock(guard_);
    if (std::exchange(stopped_, true)) return;
  }
  end_registry();
  listener.reset();
  for (const auto& entry : groups->all()) entry->set_actor(std::nullopt);
  for (const auto& child : children->take()) {
    caf::anon_send_exit(child, caf::exit_reason::kill);
  }
  links_->clear();
  intake_->set(std::nullopt);
  snapshotter->set(std::nullopt);
  if (queries) queries->stop();
  if (system_) system_->await_all_actors_done();
  work_.reset();
  io.stop();
  for (auto& t : io_threads_) t.join();
  io_threads_.clear();
  // Nothing runs any more: what is in memory may go to disk, so that the next start replays little.
  if (states_) {
    if (const auto flushed = states_->flush(); !flushed.ok()) {
      spdlog::warn("flushing the state store failed: {}", flushed.message());
    }
  }
}

}  // namespace troupe

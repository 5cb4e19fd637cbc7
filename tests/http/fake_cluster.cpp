#include "tests/http/fake_cluster.hpp"

#include <algorithm>

#include "processors/accounts.hpp"
#include "processors/configuration.hpp"
#include "processors/configuration_items.hpp"
#include "processors/instance_metadata.hpp"
#include "processors/key_value.hpp"
#include "processors/namespaces.hpp"
#include "processors/naming_switches.hpp"
#include "processors/observed_processor.hpp"
#include "processors/persistent_instances.hpp"
#include "processors/server_list.hpp"
#include "processors/service_metadata.hpp"

namespace troupe::test {

class fake_cluster::backend final : public group_backend {
 public:
  explicit backend(std::shared_ptr<fake_cluster> owner) : owner_(std::move(owner)) {}

  void propose(const std::string& group, raft::bytes command, const propose_options& options,
               completion done) override {
    owner_->submit({group, false, options.timeout, {}}, std::move(command), std::move(done));
  }
  void query(const std::string& group, raft::bytes request, const query_options& options,
             completion done) override {
    owner_->submit({group, true, options.timeout, options.consistency}, std::move(request),
                   std::move(done));
  }

 private:
  std::shared_ptr<fake_cluster> owner_;
};

fake_cluster::fake_cluster() {
  add(std::make_unique<processors::key_value>());
  add(std::make_unique<processors::persistent_instances>());
  std::vector<processors::configuration::part_ptr> parts;
  parts.push_back(std::make_unique<processors::configuration_items>(configs));
  parts.push_back(std::make_unique<processors::namespaces>(namespaces));
  parts.push_back(std::make_unique<processors::accounts>(accounts));
  parts.push_back(std::make_unique<processors::server_list>(servers));
  add(std::make_unique<processors::configuration>(std::move(parts)));
  add(std::make_unique<processors::service_metadata>());
  add(std::make_unique<processors::instance_metadata>());
  auto turned = std::make_unique<processors::naming_switches>();
  turned->observe([board = switches](auto all) { board->agreed(std::move(all)); });
  add(std::move(turned));
  worker_ = std::thread([this] { run(); });
}

fake_cluster::~fake_cluster() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  // The last reference may be given up by a completion, on the worker itself, which must not look
  // at this object again.
  if (worker_.get_id() == std::this_thread::get_id()) {
    *gone_ = true;
    worker_.detach();
  } else {
    worker_.join();
  }
}

void fake_cluster::add(std::unique_ptr<processor> p) {
  const auto name = p->group();
  auto& m = members_[name];
  m.applier = std::move(p);
  auto* told = dynamic_cast<processors::observed_processor*>(m.applier.get());
  if (told) told->observe(catalogue);
  m.applier->loaded(*m.state.view());
}

troupe::group fake_cluster::group(const std::string& name) {
  return {name, std::make_shared<backend>(shared_from_this())};
}

void fake_cluster::status(std::function<void(node_status)> done) {
  enqueue("", [this, done = std::move(done)] { done(shown); });
}

void fake_cluster::transfer(const std::string&, const std::string& peer,
                            std::function<void(error)> done) {
  transferred_to = peer;
  enqueue("", [this, done = std::move(done)] { done(transfer_error); });
}

void fake_cluster::change_members(const std::string& group, codec::membership_request wanted,
                                  std::function<void(error)> done) {
  changed_group = group;
  changed = std::move(wanted);
  enqueue("", [this, done = std::move(done)] { done(change_error); });
}

void fake_cluster::snapshot(const std::string& group, std::function<void(error)> done) {
  enqueue("", [this, group, done = std::move(done)] {
    snapshots.push_back(group);
    done(change_error);
  });
}

void fake_cluster::content(const std::string&, std::function<void(content_result)> done) {
  enqueue("", [this, done = std::move(done)] { done(shown_content); });
}

void fake_cluster::readiness(std::function<void(std::vector<std::string>)> done) {
  enqueue("", [this, done = std::move(done)] { done(reasons); });
}

void fake_cluster::fail_with(std::optional<error> e) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(e);
}

void fake_cluster::hold(const std::string& group) {
  const std::lock_guard lock(mutex_);
  held_ = group;
}

void fake_cluster::release() {
  hold("");
  changed_.notify_all();
}

void fake_cluster::drop_requests(bool drop) {
  const std::lock_guard lock(mutex_);
  drop_ = drop;
}

fake_cluster::asked fake_cluster::last_asked() {
  const std::lock_guard lock(mutex_);
  return last_;
}

void fake_cluster::enqueue(const std::string& group, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({group, std::move(work)});
  }
  changed_.notify_all();
}

void fake_cluster::run() {
  const auto gone = gone_;
  std::unique_lock lock(mutex_);
  while (true) {
    const auto next = std::find_if(jobs_.begin(), jobs_.end(), [this](const job& j) {
      return held_.empty() || j.group != held_;
    });
    if (stopping_) return;
    if (next == jobs_.end()) {
      changed_.wait(lock);
      continue;
    }
    auto work = std::move(next->work);
    jobs_.erase(next);
    lock.unlock();
    work();
    work = {};
    if (*gone) return;
    lock.lock();
  }
}

void fake_cluster::submit(asked what, raft::bytes data, completion done) {
  {
    const std::lock_guard lock(mutex_);
    last_ = what;
    if (drop_) return;
  }
  enqueue(what.group, [this, what, data = std::move(data), done = std::move(done)] {
    done(perform(what, data));
  });
}

result fake_cluster::perform(const asked& what, const raft::bytes& data) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return raft::unexpected(*failure_);
  }
  const auto found = members_.find(what.group);
  if (found == members_.end()) {
    return raft::unexpected(error{error_code::unknown_group, "no such group", {}});
  }
  auto& m = found->second;
  reply r;
  raft::log_index index;
  if (what.query) {
    r = m.applier->query(data.view(), *m.state.view());
  } else {
    index = raft::log_index{++m.last};
    auto write = m.state.begin();
    write->set_savepoint();
    r = m.applier->apply({index, raft::term{1}, data}, *write);
    if (!r.success) write->rollback();
    static_cast<void>(write->commit({index, raft::term{1}, {}}));
    m.applier->committed();
  }
  if (!r.success) return raft::unexpected(error{error_code::refused, r.error, {}});
  return response{raft::bytes(std::move(r.data)), index, raft::term{1}};
}

}  // namespace troupe::test

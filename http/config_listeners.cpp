#include "http/config_listeners.hpp"

#include <algorithm>

#include "http/text_forms.hpp"

namespace troupe::http {

namespace {

constexpr std::string_view word_separator = "%02";
constexpr std::string_view line_separator = "%01";

}  // namespace

void append_changed(std::string& out, std::string_view key, tenant_form form) {
  const auto names = config_names(key);
  out.append(percent_encode(names.data_id)).append(word_separator);
  out.append(percent_encode(names.config_group));
  switch (form) {
    case tenant_form::absent:
      break;
    case tenant_form::text_public:
      out.append(word_separator).append("public");
      break;
    case tenant_form::text_null:
      out.append(word_separator).append("null");
      break;
    case tenant_form::own:
      out.append(word_separator).append(percent_encode(names.tenant));
      break;
  }
  out.append(line_separator);
}

std::string config_listeners::compare(const std::vector<config_belief>& beliefs) const {
  std::string out;
  for (const auto& b : beliefs) {
    if (table_->md5(b.key) != b.md5) append_changed(out, b.key, b.form);
  }
  return out;
}

config_listeners::listener_id config_listeners::hang(const std::vector<config_belief>& beliefs,
                                                     std::string address, time_point now,
                                                     std::chrono::milliseconds patience,
                                                     answer done) {
  std::string differing;
  {
    const std::lock_guard lock(mutex_);
    // changed() comes behind the table and needs the lock: a change that this does not see yet
    // finds the watches registered.
    differing = compare(beliefs);
    if (differing.empty()) {
      const bool fits = listeners_.size() - refused_ < limits_.listeners_max &&
                        watches_ + beliefs.size() <= limits_.watches_max;
      // Spread over the time allowed, so that those refused together do not return together.
      const auto spread = (refusal_max - refusal_min) * (last_id_ % 16) / 16;
      auto& l = fits ? add(now + patience, poll_end::timed_out, std::move(done))
                     : add(now + refusal_min + spread, poll_end::refused, std::move(done));
      l.address = std::move(address);
      if (fits) register_watches(l, beliefs);
      return l.id;
    }
  }
  done(poll_end::changed, std::move(differing));
  return 0;
}

config_listeners::listener& config_listeners::add(time_point deadline, poll_end at_deadline,
                                                  answer done) {
  const auto id = ++last_id_;
  auto& l = listeners_[id];
  l.id = id;
  l.at_deadline = at_deadline;
  l.done = std::move(done);
  l.deadline = deadlines_.emplace(deadline, &l);
  if (at_deadline == poll_end::refused) ++refused_;
  return l;
}

void config_listeners::register_watches(listener& l, const std::vector<config_belief>& beliefs) {
  l.watches.resize(beliefs.size());
  for (std::size_t i = 0; i < beliefs.size(); ++i) {
    auto& node = *index_.try_emplace(beliefs[i].key).first;
    l.watches[i] = {&l, &node, static_cast<std::uint32_t>(node.second.size()), beliefs[i].form};
    node.second.push_back(&l.watches[i]);
  }
  watches_ += beliefs.size();
}

config_listeners::answer config_listeners::remove(listener& l) {
  for (auto& w : l.watches) {
    auto& on_key = w.where->second;
    on_key[w.position] = on_key.back();
    on_key[w.position]->position = w.position;
    on_key.pop_back();
    if (on_key.empty()) index_.erase(index_.find(w.where->first));
  }
  watches_ -= l.watches.size();
  if (l.at_deadline == poll_end::refused) --refused_;
  deadlines_.erase(l.deadline);
  auto done = std::move(l.done);
  listeners_.erase(l.id);
  return done;
}

void config_listeners::drop(listener_id id) {
  answer dropped;  // what it holds may come back here when it is destroyed: not under the lock
  const std::lock_guard lock(mutex_);
  const auto found = listeners_.find(id);
  if (found != listeners_.end()) dropped = remove(found->second);
}

void config_listeners::changed(const config_table::changed_keys& keys) {
  std::vector<std::pair<answer, std::string>> answers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& key : keys) {
      for (auto found = index_.find(key); found != index_.end(); found = index_.find(key)) {
        const auto& w = *found->second.back();
        std::string body;
        append_changed(body, key, w.form);
        answers.emplace_back(remove(*w.owner), std::move(body));
      }
    }
  }
  for (auto& [done, body] : answers) done(poll_end::changed, std::move(body));
}

void config_listeners::expire(time_point now) {
  std::vector<std::pair<answer, poll_end>> answers;
  {
    const std::lock_guard lock(mutex_);
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      auto& l = *deadlines_.begin()->second;
      const auto how = l.at_deadline;
      answers.emplace_back(remove(l), how);
    }
  }
  for (auto& [done, how] : answers) done(how, {});
}

std::size_t config_listeners::size() const {
  const std::lock_guard lock(mutex_);
  return listeners_.size() - refused_;
}

bool config_listeners::empty() const {
  const std::lock_guard lock(mutex_);
  return listeners_.empty();
}

std::size_t config_listeners::watches() const {
  const std::lock_guard lock(mutex_);
  return watches_;
}

std::vector<std::string> config_listeners::listeners(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  const auto found = index_.find(key);
  if (found == index_.end()) return out;
  for (const auto* w : found->second) out.push_back(w->owner->address);
  return out;
}

std::vector<std::string> config_listeners::listened_by(std::string_view address) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [id, l] : listeners_) {
    if (l.address != address) continue;
    for (const auto& w : l.watches) out.push_back(w.where->first);
  }
  return out;
}

}  // namespace troupe::http

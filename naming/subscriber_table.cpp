#include "naming/subscriber_table.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <utility>

namespace troupe::naming {

namespace {

std::uint64_t ms_between(subscriber_table::time_point from, subscriber_table::time_point to) {
  using std::chrono::milliseconds;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(to - from).count());
}

}  // namespace

// ---- who subscribed ----------------------------------------------------------------------------

subscriber_table::subscribed subscriber_table::subscribe(const service_key& key,
                                                         const subscriber& who, time_point now) {
  const auto agent = parse_agent(who.agent);
  boost::system::error_code no_address;
  const auto ip = boost::asio::ip::make_address(who.ip, no_address);
  if (!agent || no_address || who.udp_port == 0) return {subscription_outcome::not_pushable};
  const std::lock_guard lock(mutex_);
  if (!can_push_to(*agent, switches_)) return {subscription_outcome::not_pushable};
  const bool first = clients_.empty();
  const endpoint at(ip, who.udp_port);
  auto c = clients_.find(at);
  const bool known = c != clients_.end() && c->second.clusters.contains(key);
  if (!known && counts_.subscriptions >= limits_.subscriptions_max) {
    return {subscription_outcome::too_many};
  }
  if (c == clients_.end()) {
    c = clients_.emplace(at, known_client{}).first;
    expiry_.emplace(now + limits_.kept, at);
    ++counts_.subscribers;
  }
  auto& [endpoint_of, is] = *c;
  is.at = at;
  is.agent = *agent;
  is.said = who;
  is.refreshed = now;
  is.clusters[key] = who.clusters;
  if (!known) {
    by_service_[key].insert(at);
    ++counts_.subscriptions;
  }
  return {subscription_outcome::accepted, first};
}

void subscriber_table::use(const push_switches& switches) {
  const std::lock_guard lock(mutex_);
  switches_ = switches;
}

bool subscriber_table::is_watched(const service_key& key) const {
  const std::lock_guard lock(mutex_);
  return by_service_.contains(key);
}

subscriber subscriber_table::shown(const known_client& c, const std::string& clusters) {
  auto out = c.said;
  out.clusters = clusters;
  return out;
}

std::vector<subscriber> subscriber_table::subscribers(const service_key& key) const {
  const std::lock_guard lock(mutex_);
  std::vector<subscriber> out;
  const auto found = by_service_.find(key);
  if (found == by_service_.end()) return out;
  for (const auto& at : found->second) {
    const auto& c = clients_.at(at);
    out.push_back(shown(c, c.clusters.at(key)));
  }
  return out;
}

subscriber_table::clients_by_address::const_iterator subscriber_table::find(
    std::string_view client) const {
  constexpr std::string_view kind = "#true";
  const auto colon = client.rfind(':');
  if (!client.ends_with(kind) || colon == std::string_view::npos) return clients_.end();
  boost::system::error_code no_address;
  const auto ip = boost::asio::ip::make_address(std::string(client.substr(0, colon)), no_address);
  const auto* const port_end = client.data() + client.size() - kind.size();
  std::uint16_t port = 0;
  const auto [end, no_port] = std::from_chars(client.data() + colon + 1, port_end, port);
  if (no_address || no_port != std::errc{} || end != port_end) return clients_.end();
  return clients_.find(endpoint(ip, port));
}

std::vector<service_key> subscriber_table::subscribed_by(std::string_view client) const {
  const std::lock_guard lock(mutex_);
  std::vector<service_key> out;
  const auto c = find(client);
  if (c == clients_.end()) return out;
  for (const auto& [key, clusters] : c->second.clusters) out.push_back(key);
  return out;
}

std::vector<std::string> subscriber_table::clients() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [at, c] : clients_) out.push_back(c.said.client());
  std::sort(out.begin(), out.end());
  return out;
}

push_counts subscriber_table::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void subscriber_table::forget(clients_by_address::iterator at) {
  for (const auto& [key, clusters] : at->second.clusters) {
    const auto of_service = by_service_.find(key);
    of_service->second.erase(at->first);
    if (of_service->second.empty()) by_service_.erase(of_service);
    --counts_.subscriptions;
  }
  counts_.failed += at->second.unacked.size();
  --counts_.subscribers;
  clients_.erase(at);
}

void subscriber_table::expire_clients(time_point now) {
  while (!expiry_.empty() && expiry_.begin()->first <= now) {
    const auto at = expiry_.extract(expiry_.begin()).mapped();
    const auto c = clients_.find(at);
    const auto until = c->second.refreshed + limits_.kept;
    if (until <= now) {
      forget(c);
    } else {
      expiry_.emplace(until, at);
    }
  }
}

// ---- what was pushed ---------------------------------------------------------------------------

std::vector<subscriber_table::receiver> subscriber_table::receivers(const service_key& key) const {
  const std::lock_guard lock(mutex_);
  std::vector<receiver> out;
  const auto found = by_service_.find(key);
  if (found == by_service_.end()) return out;
  out.reserve(found->second.size());
  for (const auto& at : found->second) {
    const auto& c = clients_.at(at);
    if (!can_push_to(c.agent, switches_)) continue;
    out.push_back({at, c.clusters.at(key), datagram_bytes_max(c.agent.kind)});
  }
  return out;
}

void subscriber_table::sent(const service_key& key, const endpoint& to, std::int64_t reference,
                            const packet_ptr& packet, time_point now) {
  const std::lock_guard lock(mutex_);
  ++counts_.pushed;
  const auto c = clients_.find(to);
  if (c == clients_.end()) return;
  auto& unacked = c->second.unacked;
  // Repeating what is out of date would show the client the past.
  std::erase_if(unacked, [&](const auto& p) { return p.second.service == key; });
  if (waits_.size() >= limits_.pushes_max) return;
  unacked.insert_or_assign(reference, pending{key, packet, now, false});
  waits_.push_back({now + limits_.ack_wait, to, reference});
}

void subscriber_table::skipped() {
  const std::lock_guard lock(mutex_);
  ++counts_.skipped;
}

void subscriber_table::acked(const endpoint& from, std::int64_t reference, time_point now) {
  const std::lock_guard lock(mutex_);
  const auto c = clients_.find(from);
  if (c == clients_.end()) return;
  const auto p = c->second.unacked.find(reference);
  if (p == c->second.unacked.end()) return;
  const auto cost = ms_between(p->second.sent, now);
  c->second.unacked.erase(p);
  ++counts_.acked;
  counts_.cost_ms_total += cost;
  counts_.cost_ms_max = std::max(counts_.cost_ms_max, cost);
}

std::optional<subscriber_table::repetition> subscriber_table::judge(const waiting_ack& w,
                                                                    time_point now) {
  const auto c = clients_.find(w.to);
  if (c == clients_.end()) return std::nullopt;
  const auto p = c->second.unacked.find(w.reference);
  if (p == c->second.unacked.end()) return std::nullopt;
  if (std::exchange(p->second.repeated, true)) {
    c->second.unacked.erase(p);
    ++counts_.failed;
    return std::nullopt;
  }
  ++counts_.repeated;
  waits_.push_back({now + limits_.ack_wait, w.to, w.reference});
  return repetition{w.to, p->second.packet};
}

std::vector<subscriber_table::repetition> subscriber_table::expire(time_point now) {
  const std::lock_guard lock(mutex_);
  std::vector<repetition> out;
  expire_clients(now);
  while (!waits_.empty() && waits_.front().until <= now) {
    const auto w = waits_.front();
    waits_.pop_front();
    if (auto again = judge(w, now)) out.push_back(*std::move(again));
  }
  return out;
}

bool subscriber_table::is_idle() const {
  const std::lock_guard lock(mutex_);
  return clients_.empty() && waits_.empty();
}

}  // namespace troupe::naming

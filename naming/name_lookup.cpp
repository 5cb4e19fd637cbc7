#include "naming/name_lookup.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace troupe::naming {

namespace {

using clock = std::chrono::steady_clock;

host_addresses ask_system(const std::string& name) {
  // Only carries the resolver: nothing runs on it.
  boost::asio::io_context unused;
  boost::asio::ip::tcp::resolver resolver(unused);
  boost::system::error_code failed;
  host_addresses out;
  for (const auto& entry : resolver.resolve(name, "", failed)) {
    out.found.push_back(entry.endpoint().address());
  }
  if (failed) out.why = failed.message();
  if (!failed && out.found.empty()) out.why = "the name has no address";
  return out;
}

}  // namespace

/// What is known of each name, and who waits for it.
class name_lookup::names {
 public:
  using listener = std::function<void(host_addresses)>;

  names(std::size_t names_max, std::chrono::milliseconds kept)
      : names_max_(names_max), kept_(kept) {}

  /// What to do about a listener: tell him `now` at once, or nothing yet; and ask the resolver.
  struct decision {
    std::optional<host_addresses> now;
    bool ask = false;
  };
  decision decide(const std::string& name, listener& who) {
    const std::lock_guard lock(mutex_);
    if (!names_.contains(name) && !make_room()) return {refusal(), false};
    auto& e = names_[name];
    if (clock::now() < e.until) return {e.last, false};
    const bool ask = !std::exchange(e.asking, true);
    // Where it was a moment ago is answer enough; the next one hears where it is now.
    if (!e.last.found.empty()) return {e.last, ask};
    e.waiting.push_back(std::move(who));
    return {std::nullopt, ask};
  }

  void answered(const std::string& name, const host_addresses& answer) {
    std::vector<listener> waiting;
    {
      const std::lock_guard lock(mutex_);
      auto& e = names_[name];
      // Nobody was asked: what was known stands, and the next listener has somebody asked.
      if (!answer.overloaded) {
        e.last = answer;
        e.until = clock::now() + kept_;
      }
      e.asking = false;
      waiting.swap(e.waiting);
    }
    for (const auto& tell : waiting) tell(answer);
  }

  static host_addresses refusal() { return {{}, "too many names are being looked up", true}; }

 private:
  struct entry {
    host_addresses last;
    clock::time_point until;  ///< so long `last` is good
    bool asking = false;
    std::vector<listener> waiting;
  };

  bool make_room() {
    if (names_.size() < names_max_) return true;
    const auto now = clock::now();
    std::erase_if(names_, [&](const auto& n) { return !n.second.asking && n.second.until < now; });
    return names_.size() < names_max_;
  }

  std::size_t names_max_;
  std::chrono::milliseconds kept_;
  std::mutex mutex_;
  std::unordered_map<std::string, entry> names_;
};

name_lookup::name_lookup(name_lookup_options options)
    : options_(std::move(options)),
      names_(std::make_shared<names>(options_.names_max, options_.kept)),
      work_(options_.threads, options_.jobs_max) {
  if (!options_.ask) options_.ask = ask_system;
}

name_lookup::~name_lookup() = default;

void name_lookup::resolve(const std::string& host, std::function<void(host_addresses)> done) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host, is_name);
  if (!is_name) return done({{address}, {}, false});
  const auto what = names_->decide(host, done);
  if (what.ask && !ask(host)) names_->answered(host, names::refusal());
  if (what.now) done(*what.now);
}

bool name_lookup::ask(const std::string& host) {
  return work_.post(
      [known = names_, ask = options_.ask, host] { known->answered(host, ask(host)); });
}

}  // namespace troupe::naming

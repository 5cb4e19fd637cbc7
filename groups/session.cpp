#include "groups/session.hpp"

#include <mutex>
#include <set>

#include "codec/session_codec.hpp"

namespace troupe {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t unanswered_max = 64;
/// An attempt that was lost is noticed after this long at the latest.
constexpr std::chrono::milliseconds attempt_max{2'000};

bool may_have_been_lost(error_code code) {
  const bool surely_not_done = is_retriable(code) && code != error_code::overloaded;
  return surely_not_done || code == error_code::outcome_unknown;
}

/// One command until it is answered, or its time is over.
struct attempts {
  group where;
  raft::bytes command;  ///< with its session header: every attempt is the same
  clock::time_point deadline;
  completion done;
};

void attempt(const std::shared_ptr<attempts>& a) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(a->deadline - clock::now());
  propose_options options;
  options.timeout = std::clamp(left, std::chrono::milliseconds{1}, attempt_max);
  options.in_session = true;
  a->where.propose(a->command, options, [a](result r) {
    const bool again = !r && may_have_been_lost(r.error().code) && clock::now() < a->deadline;
    if (again) return attempt(a);
    a->done(std::move(r));
  });
}

}  // namespace

class session::internals {
 public:
  internals(group where, std::uint64_t id) : where_(std::move(where)), id_(id) {}

  [[nodiscard]] std::uint64_t id() const { return id_; }

  /// The header of the next command; nothing when too many are unanswered.
  std::optional<codec::session_header> begin() {
    std::lock_guard lock(guard_);
    // Behind the oldest unanswered command the group keeps every answer, also those that are here.
    const bool is_full = !unanswered_.empty() && next_ - *unanswered_.begin() >= unanswered_max;
    if (is_full) return std::nullopt;
    codec::session_header h;
    h.client = id_;
    h.sequence = next_++;
    unanswered_.insert(h.sequence);
    h.acked = *unanswered_.begin();
    return h;
  }
  /// Its answer is here: the group may forget it.
  void end(std::uint64_t sequence) {
    std::lock_guard lock(guard_);
    unanswered_.erase(sequence);
  }
  [[nodiscard]] const group& where() const { return where_; }

 private:
  group where_;
  std::uint64_t id_;
  std::mutex guard_;
  std::uint64_t next_ = 1;
  std::set<std::uint64_t> unanswered_;
};

session::session(std::shared_ptr<internals> parts) : internals_(std::move(parts)) {}

void session::open(group where, const session_options& options, std::function<void(opened)> done) {
  codec::session_header h;
  h.ttl_ms = static_cast<std::uint64_t>(options.time_to_live.count());
  auto answered = [where, done = std::move(done)](result r) {
    // A registration that was sent twice leaves a session that nobody uses; it expires.
    if (!r) return done(raft::unexpected(r.error()));
    done(session(std::make_shared<internals>(where, r->index.value())));
  };
  attempt(
      std::make_shared<attempts>(attempts{where, raft::bytes(codec::encode_session(h, {})),
                                          clock::now() + options.timeout, std::move(answered)}));
}

std::future<session::opened> session::open(group where, const session_options& options) {
  auto promised = std::make_shared<std::promise<opened>>();
  auto future = promised->get_future();
  open(std::move(where), options, [promised](opened s) { promised->set_value(std::move(s)); });
  return future;
}

void session::propose(raft::bytes command, const propose_options& options, completion done) const {
  const auto header = internals_->begin();
  if (!header) {
    return done(raft::unexpected(
        error{error_code::overloaded,
              "a session has at most " + std::to_string(unanswered_max) + " unanswered commands",
              {}}));
  }
  auto answered = [parts = internals_, sequence = header->sequence,
                   done = std::move(done)](result r) {
    parts->end(sequence);
    done(std::move(r));
  };
  attempt(std::make_shared<attempts>(
      attempts{internals_->where(), raft::bytes(codec::encode_session(*header, command.view())),
               clock::now() + options.timeout, std::move(answered)}));
}

std::future<result> session::propose(std::string command, const propose_options& options) const {
  auto promised = std::make_shared<std::promise<result>>();
  auto future = promised->get_future();
  propose(raft::bytes(std::move(command)), options,
          [promised](result r) { promised->set_value(std::move(r)); });
  return future;
}

std::uint64_t session::id() const {
  return internals_->id();
}

}  // namespace troupe

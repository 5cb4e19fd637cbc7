#include "tests/linearizability/random_history.hpp"

#include <algorithm>

namespace troupe::linearizability {
namespace {

// The moment at which an operation takes effect, or never does.
struct effect {
  std::int64_t at_ns = 0;
  operation op;
  bool happens = true;
};

class register_run {
 public:
  explicit register_run(const random_options& options) : options_(options), chance_(options.seed) {}

  history run() {
    plan();
    std::sort(plan_.begin(), plan_.end(),
              [](const effect& a, const effect& b) { return a.at_ns < b.at_ns; });
    history done;
    for (effect& e : plan_) {
      perform(e);
      done.push_back(std::move(e.op));
    }
    std::shuffle(done.begin(), done.end(), chance_);
    return done;
  }

 private:
  bool percent(int p) { return static_cast<int>(chance_() % 100) < p; }
  std::int64_t up_to(std::int64_t ns) {
    return 1 + static_cast<std::int64_t>(chance_() % static_cast<std::uint64_t>(ns));
  }

  void plan() {
    for (int client = 0; client < options_.clients; ++client) {
      std::int64_t now = up_to(1'000);
      const int count = options_.operations / options_.clients;
      for (int i = 0; i < count; ++i) {
        now = plan_one(client, now) + up_to(500);
      }
    }
  }

  std::int64_t plan_one(int client, std::int64_t now) {
    effect e;
    e.op.client = client;
    const int kind = static_cast<int>(chance_() % 100);
    const int puts = options_.put_percent;
    const int cas = puts + options_.cas_percent;
    e.op.kind = kind < puts                            ? op_kind::put
                : kind < cas                           ? op_kind::cas
                : kind < cas + options_.remove_percent ? op_kind::remove
                                                       : op_kind::get;
    e.op.start_ns = now;
    e.at_ns = now + up_to(1'000);
    e.op.end_ns = e.at_ns + up_to(1'000);
    const std::int64_t answered_ns = e.op.end_ns;
    if (e.op.kind != op_kind::get && percent(options_.unknown_percent)) {
      e.op.result = outcome::unknown;
      e.op.end_ns = never_ns;
      e.happens = percent(50);
      e.at_ns += percent(30) ? up_to(100'000) : 0;
    }
    plan_.push_back(std::move(e));
    return answered_ns;
  }

  void perform(effect& e) {
    operation& op = e.op;
    if (op.kind == op_kind::get) {
      if (is_present_) {
        op.observed = value_;
        op.version = version_;
      }
      return;
    }
    if (op.kind != op_kind::remove) {
      op.value = "v" + std::to_string(++values_);
    }
    if (op.kind == op_kind::cas && !expect(e)) {
      return;
    }
    if (!e.happens) {
      return;
    }
    last_ += 1 + chance_() % 3;
    is_present_ = op.kind != op_kind::remove;
    value_ = op.value;
    version_ = last_;
    const int unreported = op.kind == op_kind::remove ? 50 : options_.unreported_version_percent;
    if (op.result == outcome::ok && !percent(unreported)) {
      op.version = last_;
    }
  }

  // True when the cas meets what it expects.
  bool expect(effect& e) {
    operation& op = e.op;
    if (percent(70)) {
      op.expected = is_present_ ? std::optional(version_) : std::nullopt;
    } else {
      op.expected = percent(20) ? std::nullopt : std::optional(1 + chance_() % (last_ + 1));
    }
    const bool met = op.expected ? is_present_ && *op.expected == version_ : !is_present_;
    if (!met && op.result == outcome::ok) {
      op.result = outcome::failed;
      if (is_present_ && percent(50)) {
        op.version = version_;
      }
    }
    return met;
  }

  random_options options_;
  std::mt19937_64 chance_;
  std::vector<effect> plan_;
  bool is_present_ = false;
  std::string value_;
  std::uint64_t version_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t values_ = 0;
};

}  // namespace

history random_history(const random_options& options) {
  return register_run(options).run();
}

}  // namespace troupe::linearizability

// Groups do not wait for each other: a processor that sleeps or throws leaves the others' writes as
// they were. The figures are printed; what is asserted is that the others go on at all.
#include <algorithm>
#include <iostream>

#include "cluster_fixture.hpp"

using namespace troupe;
using namespace troupe::testing;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds nap{5};

/// Sleeps at every entry, or throws, as its name says.
class troublemaker : public processor {
 public:
  troublemaker(std::string name, bool tells) : name_(std::move(name)), tells_(tells) {}
  [[nodiscard]] std::string group() const override { return name_; }
  [[nodiscard]] bool may_block() const override { return tells_; }
  reply apply(const command&, persistence::state_batch&) override {
    if (name_ == "thrower") throw std::runtime_error("every time");
    std::this_thread::sleep_for(nap);
    return reply::ok();
  }
  [[nodiscard]] reply query(std::string_view, const persistence::state_view&) const override {
    return reply::ok();
  }

 private:
  std::string name_;
  bool tells_;
};

struct latencies {
  std::chrono::microseconds median{0};
  std::chrono::microseconds p99{0};
};

/// Eight callers, each with one write under way.
latencies write_to(node& n, std::size_t writes) {
  std::vector<std::chrono::microseconds> took;
  std::mutex guard;
  std::vector<std::thread> callers;
  for (int c = 0; c < 8; ++c) {
    callers.emplace_back([&] {
      for (std::size_t i = 0; i < writes / 8; ++i) {
        const auto start = steady_clock::now();
        const auto r = n.group("counter").propose("1").get();
        const auto end = steady_clock::now();
        std::lock_guard lock(guard);
        if (r) took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(end - start));
      }
    });
  }
  for (auto& c : callers) c.join();
  REQUIRE(took.size() == writes / 8 * 8);
  std::sort(took.begin(), took.end());
  return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

void report(const std::string& what, const latencies& l) {
  std::cout << what << ": median " << l.median.count() << " us, p99 " << l.p99.count() << " us\n";
}

}  // namespace

TEST_CASE("a processor that sleeps or throws at every entry does not hold up other groups") {
  cluster c(3);
  for (auto& [id, n] : c.nodes()) {
    REQUIRE(n->add(std::make_shared<troublemaker>("sleeper", true)).code == error_code::ok);
    REQUIRE(n->add(std::make_shared<troublemaker>("thrower", false)).code == error_code::ok);
  }
  auto& n = *c.nodes().at(c.await_leader());
  write_to(n, 200);
  const auto alone = write_to(n, 2000);
  std::vector<std::future<result>> sleeping;
  for (int i = 0; i < 20; ++i) sleeping.push_back(n.group("sleeper").propose("x"));
  const auto beside_sleeper = write_to(n, 2000);
  CHECK(sleeping.back().wait_for(std::chrono::seconds(0)) != std::future_status::ready);

  std::atomic<bool> ending{false};
  std::thread throwing([&] {
    while (!ending) {
      const auto r = n.group("thrower").propose("x").get();
      if (r || r.error().code != error_code::refused) ending = true;
    }
  });
  const auto beside_both = write_to(n, 2000);
  CHECK_FALSE(ending);
  ending = true;
  throwing.join();
  report("alone", alone);
  report("beside a sleeping processor", beside_sleeper);
  report("beside a sleeping and a throwing processor", beside_both);
}

TEST_CASE("a sleeping processor that does not say so takes one thread, not the node") {
  cluster c(1);
  REQUIRE(c.at(1).add(std::make_shared<troublemaker>("sleeper", false)).code == error_code::ok);
  auto slow = c.at(1).group("sleeper").propose("x");
  CHECK(text_of(c.at(1).group("counter").propose("1").get()) == "1");
  CHECK(slow.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
}

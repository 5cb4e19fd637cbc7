#include "groups/group.hpp"

#include <utility>

namespace troupe {
namespace {

/// A completion that fulfils a future.
std::pair<completion, std::future<result>> future_completion() {
  auto answered = std::make_shared<std::promise<result>>();
  auto future = answered->get_future();
  return {[answered](result r) { answered->set_value(std::move(r)); }, std::move(future)};
}

}  // namespace

std::future<result> group::propose(std::string command, const propose_options& options) const {
  auto [done, future] = future_completion();
  propose(raft::bytes(std::move(command)), options, std::move(done));
  return std::move(future);
}

std::future<result> group::query(std::string request, const query_options& options) const {
  auto [done, future] = future_completion();
  query(raft::bytes(std::move(request)), options, std::move(done));
  return std::move(future);
}

}  // namespace troupe

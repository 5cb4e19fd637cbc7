#include "http/naming_writes.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace troupe::http {

namespace {

std::uint64_t system_now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

std::function<std::uint64_t()> clock_of(const server_options& options) {
  return options.now_ms ? options.now_ms : system_now_ms;
}

naming_writes::naming_writes(view_ptr view, const server_options& options)
    : view_(std::move(view)),
      node_(options.node),
      now_ms_(clock_of(options)),
      next_request_(std::random_device{}()) {}

processors::naming::stamp naming_writes::stamp() {
  return {now_ms_(), next_request_++, node_};
}

void naming_writes::propose(const exchange_ptr& call, std::string_view raft_group,
                            std::string command, std::function<void()> then,
                            std::function<response(const error&)> failed) const {
  view_->group(std::string(raft_group))
      .propose(raft::bytes(std::move(command)), {},
               on_strand(
                   call, [then = std::move(then)](const troupe::response&) { then(); },
                   std::move(failed)));
}

}  // namespace troupe::http

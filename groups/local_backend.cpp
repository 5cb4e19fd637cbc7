#include "groups/local_backend.hpp"

#include "codec/frame.hpp"
#include "groups/registry.hpp"

namespace troupe::groups {
namespace {

void fail(const completion& done, error why) {
  done(raft::unexpected(std::move(why)));
}

/// A promise that frees the request's place in the group once it is answered.
promise_ptr admitted(const group_entry_ptr& entry, std::size_t bytes, completion done,
                     error if_dropped) {
  auto leave = [entry, bytes, done = std::move(done)](result r) {
    entry->leave(bytes);
    done(std::move(r));
  };
  return std::make_shared<actors::promise>(std::move(leave), std::move(if_dropped));
}

error too_large(std::size_t bytes) {
  return {error_code::too_large,
          "a request has " + std::to_string(bytes) + " bytes, at most " +
              std::to_string(codec::payload_bytes_max) + " are taken",
          {}};
}

/// Until the core has taken a request, losing it means that it surely did not happen.
error not_taken(const std::string& group) {
  return {
      error_code::no_leader, "group '" + group + "' was restarted before it took the request", {}};
}

/// Hands the request to the member; while there is none, dropping it answers its promise.
template <class Request>
void hand_over(const group_entry_ptr& entry, Request request) {
  if (const auto member = entry->actor()) actors::send(*member, std::move(request));
}

}  // namespace

group_entry_ptr local_backend::admit(const std::string& group, std::size_t bytes,
                                     completion& done) {
  if (bytes > codec::payload_bytes_max) {
    fail(done, too_large(bytes));
    return nullptr;
  }
  auto entry = groups_->find(group);
  if (!entry) {
    fail(done, {error_code::unknown_group, "No corresponding Raft Group found : " + group, {}});
    return nullptr;
  }
  if (!entry->admit(bytes, facts_->requests_max, facts_->request_bytes_max)) {
    fail(done, {error_code::overloaded,
                "group '" + group + "' on this node has " + std::to_string(entry->waiting()) +
                    " unanswered requests; at most " + std::to_string(facts_->requests_max) +
                    ", of " + std::to_string(facts_->request_bytes_max) + " bytes in all",
                {}});
    return nullptr;
  }
  return entry;
}

void local_backend::propose(const std::string& group, raft::bytes command,
                            const propose_options& options, completion done) {
  propose(group, std::move(command), options, true, std::move(done));
}

void local_backend::propose(const std::string& group, raft::bytes command,
                            const propose_options& options, bool may_forward, completion done) {
  const auto bytes = command.size();
  const auto entry = admit(group, bytes, done);
  if (!entry) return;
  const auto now = now_();
  hand_over(entry,
            propose_request{std::move(command), options.expected_term, now + options.timeout,
                            may_forward, admitted(entry, bytes, std::move(done), not_taken(group)),
                            options.in_session, now});
}

void local_backend::query(const std::string& group, raft::bytes request,
                          const query_options& options, completion done) {
  const auto bytes = request.size();
  const auto entry = admit(group, bytes, done);
  if (!entry) return;
  hand_over(entry, query_request{std::move(request), options.consistency, now_() + options.timeout,
                                 admitted(entry, bytes, std::move(done), not_taken(group))});
}

void local_backend::transfer(const std::string& group, const std::string& peer,
                             std::chrono::milliseconds timeout, bool may_forward, completion done) {
  const auto to = resolve(*facts_, *groups_, group, peer);
  if (to.why.code != error_code::ok) return fail(done, to.why);
  const auto entry = admit(group, 0, done);
  if (!entry) return;
  hand_over(entry, transfer_request{peer, to.node, now_() + timeout, may_forward,
                                    admitted(entry, 0, std::move(done), not_taken(group))});
}

void local_backend::change(const std::string& group, codec::membership_request wanted,
                           std::chrono::milliseconds timeout, bool may_forward, completion done) {
  const auto entry = admit(group, 0, done);
  if (!entry) return;
  hand_over(entry, change_request{std::move(wanted), now_() + timeout, may_forward,
                                  admitted(entry, 0, std::move(done), not_taken(group))});
}

}  // namespace troupe::groups

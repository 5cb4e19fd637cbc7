#include "groups/local_backend.hpp"

#include "codec/frame.hpp"
#include "groups/registry.hpp"

namespace troupe::groups {
namespace {

void fail(const completion& done, error why) {
  done(raft::unexpected(std::move(why)));
}

/// A promise that frees the request's place in the group once it is answered.
promise_ptr admitted(const group_entry_ptr& entry, std::size_t bytes, completion done) {
  auto leave = [entry, bytes, done = std::move(done)](result r) {
    entry->leave(bytes);
    done(std::move(r));
  };
  return std::make_shared<actors::promise>(std::move(leave), entry->not_taken());
}

error too_large(std::size_t bytes) {
  return {error_code::too_large,
          "a request has " + std::to_string(bytes) + " bytes, at most " +
              std::to_string(codec::payload_bytes_max) + " are taken",
          {}};
}

propose_request proposal(const group_entry_ptr& entry, raft::bytes command,
                         const propose_options& options, bool may_forward, completion done,
                         clock::time_point now) {
  auto promised = admitted(entry, command.size(), std::move(done));
  return {std::move(command),
          options.expected_term,
          now + options.timeout,
          may_forward,
          std::move(promised),
          options.in_session,
          now};
}

query_request question(const group_entry_ptr& entry, raft::bytes request,
                       const query_options& options, completion done, clock::time_point now) {
  auto promised = admitted(entry, request.size(), std::move(done));
  return {std::move(request), options.consistency, now + options.timeout, std::move(promised)};
}

/// Hands the request to the member; while there is none, dropping it answers its promise.
template <class Request>
void hand_over(const group_entry_ptr& entry, Request request) {
  if (const auto member = entry->actor()) actors::send(*member, std::move(request));
}

}  // namespace

group_entry_ptr local_backend::admit(const std::string& group, std::size_t bytes,
                                     const completion& done) const {
  auto entry = groups_->find(group);
  return admit(entry, group, bytes, done) ? entry : nullptr;
}

bool local_backend::admit(const group_entry_ptr& entry, const std::string& group, std::size_t bytes,
                          const completion& done) const {
  if (bytes > codec::payload_bytes_max) {
    fail(done, too_large(bytes));
    return false;
  }
  if (!entry) {
    fail(done, {error_code::unknown_group, "No corresponding Raft Group found : " + group, {}});
    return false;
  }
  if (entry->admit(bytes, facts_->requests_max, facts_->request_bytes_max)) return true;
  fail(done, {error_code::overloaded,
              "group '" + group + "' on this node has " + std::to_string(entry->waiting()) +
                  " unanswered requests; at most " + std::to_string(facts_->requests_max) +
                  ", of " + std::to_string(facts_->request_bytes_max) + " bytes in all",
              {}});
  return false;
}

void local_backend::propose(const std::string& group, raft::bytes command,
                            const propose_options& options, completion done) {
  propose(group, std::move(command), options, true, std::move(done));
}

void local_backend::propose(const std::string& group, raft::bytes command,
                            const propose_options& options, bool may_forward, completion done) {
  const auto entry = admit(group, command.size(), done);
  if (!entry) return;
  hand_over(entry,
            proposal(entry, std::move(command), options, may_forward, std::move(done), now_()));
}

void local_backend::query(const std::string& group, raft::bytes request,
                          const query_options& options, completion done) {
  const auto entry = admit(group, request.size(), done);
  if (!entry) return;
  hand_over(entry, question(entry, std::move(request), options, std::move(done), now_()));
}

void local_backend::transfer(const std::string& group, const std::string& peer,
                             std::chrono::milliseconds timeout, bool may_forward, completion done) {
  const auto to = resolve(*facts_, *groups_, group, peer);
  if (to.why.code != error_code::ok) return fail(done, to.why);
  const auto entry = admit(group, 0, done);
  if (!entry) return;
  hand_over(entry, transfer_request{peer, to.node, now_() + timeout, may_forward,
                                    admitted(entry, 0, std::move(done))});
}

void local_backend::change(const std::string& group, codec::membership_request wanted,
                           std::chrono::milliseconds timeout, bool may_forward, completion done) {
  const auto entry = admit(group, 0, done);
  if (!entry) return;
  hand_over(entry, change_request{std::move(wanted), now_() + timeout, may_forward,
                                  admitted(entry, 0, std::move(done))});
}

// ---- requests that came together ---------------------------------------------------------------

gathered_requests::gathered_requests(local_backend& backend)
    : backend_(backend), now_(backend.now_()) {}

gathered_requests::part* gathered_requests::admit(const std::string& group, std::size_t bytes,
                                                  const completion& done) {
  if (newest_ == nullptr || newest_->to->name() != group) {
    const auto entry = backend_.groups_->find(group);
    if (!backend_.admit(entry, group, bytes, done)) return nullptr;
    newest_ = &parts_[entry->id()];
    newest_->to = entry;
    return newest_;
  }
  return backend_.admit(newest_->to, group, bytes, done) ? newest_ : nullptr;
}

void gathered_requests::propose(const std::string& group, raft::bytes command,
                                const propose_options& options, bool may_forward, completion done) {
  auto* const to = admit(group, command.size(), done);
  if (to == nullptr) return;
  to->requests.proposals.push_back(
      proposal(to->to, std::move(command), options, may_forward, std::move(done), now_));
}

void gathered_requests::query(const std::string& group, raft::bytes request,
                              const query_options& options, completion done) {
  auto* const to = admit(group, request.size(), done);
  if (to == nullptr) return;
  to->requests.queries.push_back(
      question(to->to, std::move(request), options, std::move(done), now_));
}

void gathered_requests::hand_over() {
  for (auto& [id, gathered] : parts_) {
    groups::hand_over(gathered.to, std::move(gathered.requests));
  }
  parts_.clear();
  newest_ = nullptr;
}

}  // namespace troupe::groups

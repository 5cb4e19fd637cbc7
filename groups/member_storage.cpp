// What a member gives to the log writer, and what it hears of it.
#include "groups/member.hpp"

namespace troupe::groups {

using actors::send;

void member::write(raft::write&& w, clock::time_point now) {
  writes_.push_back({w.sequence, now});
  meet_new_members(w.entries);
  actors::append_job job;
  job.group = spec_.id;
  job.write = std::make_shared<const raft::write>(std::move(w));
  job.member = host_->self;
  job.mark = mark_;
  send(node_.log_writer, std::move(job));
}

void member::stable(raft::write_sequence through) {
  if (through <= durable_) return;
  durable_ = through;
  core_->log_stable(through);
}

/// False: nothing is durable that we had not heard of.
bool member::hear_of_storage() {
  const auto before = durable_;
  stable(mark_->reached());
  return durable_ != before;
}

/// False: what we wait for is durable by now.
bool member::wait_for_storage() {
  mark_->want_news(core_->awaits_storage());
  return !hear_of_storage();
}

}  // namespace troupe::groups

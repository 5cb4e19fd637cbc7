// What a core wants done, and what storage says became of it.
#include <algorithm>
#include <utility>

#include "raft/invariant.hpp"
#include "raft/machine.hpp"

namespace troupe::raft {

void core::machine::send(node_id to, message_body body) {
  out_.messages.push_back({options_.self, to, hard_.term, std::move(body)});
}

void core::machine::promise(node_id to, raft::term at, message_body body) {
  auto& where = is_all_durable() ? out_.messages : replies_;
  where.push_back({options_.self, to, at, std::move(body)});
}

// Several appends of one leader, answered in one output, need one answer: acceptance is cumulative.
void core::machine::accept(node_id leader, log_index matched) {
  if (!replies_.empty()) {
    auto& newest = replies_.back();
    auto* before = std::get_if<append_response>(&newest.body);
    if (before != nullptr && before->accepted && newest.to == leader && newest.term == hard_.term) {
      before->matched = std::max(before->matched, matched);
      return;
    }
  }
  append_response r;
  r.accepted = true;
  r.matched = matched;
  promise(leader, hard_.term, r);
}

bool core::machine::has_unstarted_write() const {
  return hard_ != written_hard_ || log_.has_unwritten() || installing_ || !replies_.empty();
}

bool core::machine::has_output() const {
  return !out_.empty() || has_unstarted_write() || soft_ != told_soft_ || wants_read_round() ||
         (!is_apply_fetch_pending_ && log_.can_hand_out());
}

output core::machine::take_output() {
  if (wants_read_round()) {
    start_read_round(*leading());
  }
  hand_out_committed(out_);
  if (has_unstarted_write()) {
    start_write(out_);
  }
  if (soft_ != told_soft_) {
    told_soft_ = soft_;
    out_.soft = soft_;
  }
  ++output_epoch_;
  return std::exchange(out_, output{});
}

void core::machine::start_write(output& out) {
  issued_ = write_sequence{issued_.value() + 1};
  auto& w = out.write.emplace();
  w.sequence = issued_;
  if (hard_ != written_hard_) {
    w.hard = hard_;
    written_hard_ = hard_;
    hard_writes_.push_back({issued_, hard_});
  }
  w.snapshot = std::exchange(installing_, std::nullopt);
  w.entries = log_.start_write(issued_);
  w.replies = std::exchange(replies_, {});
}

void core::machine::hand_out_committed(output& out) {
  // Entries that were fetched for this output go first; the rest follows in the next.
  if (is_apply_fetch_pending_ || !out.committed.empty() || !log_.can_hand_out()) {
    return;
  }
  const log_index first = next(log_.applying());
  if (log_.is_cached(first)) {
    out.committed = log_.hand_out(log_.apply_budget());
    return;
  }
  is_apply_fetch_pending_ = true;
  out.fetches.push_back({.purpose = fetch_purpose::apply,
                         .to = {},
                         .first = first,
                         .last = std::min(log_.appliable(), previous(log_.cached_from())),
                         .bytes_max = log_.apply_budget()});
}

void core::machine::log_stable(write_sequence sequence) {
  RAFT_CHECK(sequence <= issued_, "storage speaks of a write that was never asked for");
  if (sequence <= durable_) {
    return;
  }
  durable_ = sequence;
  log_.finish_writes(sequence);
  hard_state hard;
  while (!hard_writes_.empty() && hard_writes_.front().sequence <= sequence) {
    hard = hard_writes_.front().hard;
    hard_writes_.pop_front();
  }
  if (auto* c = std::get_if<candidate_state>(&role_)) {
    // Our own vote is a promise like any other: it counts once it cannot be forgotten.
    if (hard == hard_) {
      c->answers.record(options_.self, true);
      count_votes();
    }
  } else if (auto* l = leading()) {
    const auto before = log_.commit();
    if (advance_commit(*l)) {
      announce_commit(*l, before);
      after_commit();
    }
  }
}

// A follower's answers are part of the write. Only what is committed already waits for it here.
bool core::machine::awaits_storage() const {
  const bool follows = std::holds_alternative<follower_state>(role_);
  return issued_ != durable_ && (!follows || log_.commit() > log_.stable());
}

void core::machine::applied(log_index index) {
  log_.applied_to(index);
}

void core::machine::compacted(log_index index) {
  log_.compact_to(index);
}

}  // namespace troupe::raft

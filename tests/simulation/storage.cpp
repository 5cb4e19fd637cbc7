#include "tests/simulation/storage.hpp"

#include <algorithm>
#include <utility>

namespace troupe::simulation {

// ---- log ------------------------------------------------------------------------------------

void log_image::perform(const raft::write& w) {
  if (w.hard) {
    require(w.hard->term >= hard_.term, "a term on disk never falls");
    hard_ = *w.hard;
  }
  if (w.snapshot) {
    base_ = w.snapshot->point;
    entries_.clear();
    gone_ = 0;
  }
  if (w.entries.empty()) {
    return;
  }
  const auto first = w.entries.front()->index;
  require(first > base_.index && first <= raft::next(last()), "a write leaves no gap in the log");
  entries_.resize(gone_ + raft::distance(base_.index, first) - 1);
  entries_.insert(entries_.end(), w.entries.begin(), w.entries.end());
}

void log_image::compact_to(raft::log_index index) {
  if (index <= base_.index) {
    return;
  }
  require(index <= last(), "a log is compacted within its bounds");
  raft::snapshot_point point{.index = index, .term = term_at(index), .peers = peers_at(index)};
  gone_ += raft::distance(base_.index, index);
  base_ = std::move(point);
  if (gone_ > 64 && gone_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone_));
    gone_ = 0;
  }
}

raft::term log_image::term_at(raft::log_index index) const {
  if (index == base_.index) {
    return base_.term;
  }
  const auto e = at(index);
  return e == nullptr ? raft::term{} : e->term;
}

raft::entry_ptr log_image::at(raft::log_index index) const {
  if (index <= base_.index || index > last()) {
    return nullptr;
  }
  return entries_[gone_ + raft::distance(base_.index, index) - 1];
}

const raft::configuration& log_image::peers_at(raft::log_index index) const {
  for (auto i = gone_ + raft::distance(base_.index, std::min(index, last())); i > gone_; --i) {
    if (entries_[i - 1]->peers) {
      return *entries_[i - 1]->peers;
    }
  }
  return base_.peers;
}

raft::restored_state log_image::restored() const {
  raft::restored_state s;
  s.hard = hard_;
  s.snapshot = base_;
  s.last = last();
  for (auto i = gone_; i < entries_.size(); ++i) {
    const auto& e = *entries_[i];
    if (s.terms.empty() || s.terms.back().second != e.term) {
      s.terms.emplace_back(e.index, e.term);
    }
    if (e.peers) {
      s.configurations.emplace_back(e.index, *e.peers);
    }
  }
  return s;
}

// ---- state ----------------------------------------------------------------------------------

replicated_state::effect state_store::apply(const raft::entry_ptr& e) {
  require(e->index == raft::next(now_.applied()), "entries are applied in order, once each");
  since_.push_back(e);
  return now_.apply(*e);
}

void state_store::flush() {
  if (since_.empty()) {
    return;
  }
  flushed_ = now_;
  since_.clear();
}

void state_store::install(replicated_state imported) {
  now_ = std::move(imported);
  flushed_ = now_;
  since_.clear();
}

std::uint64_t state_store::fall_back(std::uint64_t kept) {
  const auto lost = since_.size() - kept;
  if (lost == 0) {
    return 0;
  }
  since_.resize(kept);
  now_ = flushed_;
  for (const auto& e : since_) {
    now_.apply(*e);
  }
  return lost;
}

}  // namespace troupe::simulation

// log_staging: see the header.
#include "persistence/log_staging.hpp"

#include <utility>

#include "persistence/log_frames.hpp"

namespace troupe::persistence {
namespace {

using raft::log_index;

// What an append of ordinary size needs is kept from one to the next; a giant's is not.
constexpr std::size_t kept_bytes_max = 1U << 20U;

status broken(raft::group_id group, const std::string& what) {
  return {status_code::corrupt, "group " + to_string(group) + ": " + what};
}

}  // namespace

void log_staging::start() {
  ++attempt_;
  changes_.clear();
  places_.clear();
  if (frame_.capacity() > kept_bytes_max) {
    frame_ = {};
    places_ = {};
  }
  begin_frame(frame_);
}

staged_bounds& log_staging::bounds_of(group_log& log) {
  if (log.staged.attempt != attempt_) {
    log.staged = {attempt_, log.point.index, log.last(), log.term_at(log.last())};
  }
  return log.staged;
}

raft::term log_staging::term_at(const group_log& log, log_index index) const {
  if (index == log.staged.last) return log.staged.last_term;
  for (auto c = changes_.rbegin(); c != changes_.rend(); ++c) {
    if (c->log != &log) continue;
    if (c->kind == log_record::entries && c->first <= index) return c->term;
    if (c->kind == log_record::install) return c->point->term;
  }
  return log.term_at(index);
}

status log_staging::check(raft::group_id group, group_log& log, const raft::entries& entries) {
  const auto& bounds = bounds_of(log);
  auto expected = entries.front()->index;
  if (expected <= bounds.begin || expected > next(bounds.last)) {
    return broken(group, "entries from " + to_string(expected) + " do not fit a log of (" +
                             to_string(bounds.begin) + ", " + to_string(bounds.last) + "]");
  }
  auto term = term_at(log, previous(expected));
  for (const auto& e : entries) {
    if (e->index != expected || e->term < term) {
      return broken(group, "entry " + to_string(e->index) + " of term " + to_string(e->term) +
                               " cannot follow at " + to_string(expected) + " after term " +
                               to_string(term));
    }
    expected = next(expected);
    term = e->term;
  }
  return {};
}

status log_staging::add(raft::group_id group, group_log& log, const raft::write& w) {
  const bool is_first = log.staged.attempt != attempt_;
  auto& bounds = bounds_of(log);
  if (is_first && log.begins_unwritten) {
    // Ahead of the write itself, which may put a later point there.
    add_point(log_record::point, group, log, raft::snapshot_point(log.point));
  }
  if (w.hard) add_hard_state(group, log, *w.hard);
  if (w.snapshot) {
    add_point(log_record::install, group, log, w.snapshot->point);
    bounds.begin = bounds.last = w.snapshot->point.index;
    bounds.last_term = w.snapshot->point.term;
  }
  if (w.entries.empty()) return {};
  if (auto fit = check(group, log, w.entries); !fit.ok()) return fit;
  const std::span<const raft::entry_ptr> all(w.entries);
  for (std::size_t from = 0; from < all.size();) {
    auto to = from + 1;
    while (to < all.size() && all[to]->term == all[from]->term) ++to;
    add_run(group, log, all.subspan(from, to - from));
    from = to;
  }
  bounds.last = w.entries.back()->index;
  bounds.last_term = w.entries.back()->term;
  return frame_.size() <= frame_bytes_max
             ? status()
             : broken(group, "one write of more than " + std::to_string(frame_bytes_max) +
                                 " bytes cannot be stored");
}

status log_staging::add_compaction(raft::group_id group, group_log& log,
                                   const raft::snapshot_point& point) {
  if (point.index > log.last() || log.term_at(point.index) != point.term) {
    return broken(group, "cannot forget up to " + to_string(point.index) + " of term " +
                             to_string(point.term) + " in a log that ends at " +
                             to_string(log.last()));
  }
  add_point(log_record::point, group, log, point);
  return {};
}

void log_staging::add_hard_state(raft::group_id group, group_log& log,
                                 const raft::hard_state& hard) {
  append_hard_state(group, hard, frame_);
  auto& c = changes_.emplace_back();
  c.log = &log;
  c.kind = log_record::hard_state;
  c.hard = hard;
}

void log_staging::add_point(log_record kind, raft::group_id group, group_log& log,
                            const raft::snapshot_point& point) {
  const auto before = frame_.size();
  append_point(kind, group, point, frame_);
  auto& c = changes_.emplace_back();
  c.log = &log;
  c.kind = kind;
  c.point = point;
  c.bytes = static_cast<std::uint32_t>(frame_.size() - before);
}

void log_staging::add_place(std::size_t at) {
  places_.push_back(
      {0, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(frame_.size() - at)});
}

void log_staging::add_run(raft::group_id group, group_log& log,
                          std::span<const raft::entry_ptr> run) {
  auto& c = changes_.emplace_back();
  c.log = &log;
  c.kind = log_record::entries;
  c.first = run.front()->index;
  c.term = run.front()->term;
  c.first_place = places_.size();
  c.count = run.size();
  c.entries = run;
  append_run(c.kind, group, c.first, c.term, static_cast<std::uint32_t>(run.size()), frame_);
  for (const auto& e : run) add_place(append_run_entry(*e, frame_));
}

void log_staging::copy_hard_state(raft::group_id group, group_log& log) {
  add_hard_state(group, log, log.hard);
}

void log_staging::copy_point(raft::group_id group, group_log& log) {
  add_point(log_record::point, group, log, log.point);
}

void log_staging::copy_run(raft::group_id group, group_log& log, log_index first,
                           std::uint32_t count) {
  auto& c = changes_.emplace_back();
  c.log = &log;
  c.kind = log_record::copies;
  c.first = first;
  c.term = log.term_at(first);
  c.first_place = places_.size();
  c.count = count;
  append_run(c.kind, group, first, c.term, count, frame_);
}

void log_staging::copy_entry(std::string_view encoded, bool is_configuration) {
  add_place(append_run_entry(encoded, is_configuration, frame_));
}

void log_staging::add_begin(segment_number segment) {
  append_begin(segment, frame_);
}

std::string_view log_staging::seal(std::uint64_t number) {
  seal_frame(number, frame_);
  return frame_;
}

void log_staging::apply(log_contents& to, segment_number segment, std::uint64_t at) {
  for (auto& place : places_) {
    place.segment = segment;
    place.at += static_cast<std::uint32_t>(at);
  }
  for (auto& c : changes_) {
    const auto places = std::span<const entry_place>(places_).subspan(c.first_place, c.count);
    switch (c.kind) {
      case log_record::hard_state:
        to.set_hard(*c.log, c.hard, segment);
        break;
      case log_record::point:
        to.set_point(*c.log, *std::move(c.point), segment, c.bytes);
        break;
      case log_record::install:
        to.install(*c.log, *std::move(c.point), segment, c.bytes);
        break;
      case log_record::entries:
        to.append(*c.log, c.first, c.term, places, c.entries);
        break;
      case log_record::copies:
        to.move(*c.log, c.first, places);
        break;
      case log_record::begin:
        break;
    }
  }
}

}  // namespace troupe::persistence

// layered_cursor: see the header.
#include "persistence/layered_cursor.hpp"

#include <rocksdb/db.h>

#include <utility>

namespace troupe::persistence {
namespace {

constexpr std::size_t portion_max = 256;

}  // namespace

layered_cursor::layered_cursor(rocksdb::DB& db, rocksdb::ReadOptions reads,
                               const std::vector<change_layer>& newest_first,
                               const key_range& range)
    : end_(range.end) {
  for (const auto& layer : newest_first)
    fill(layers_.emplace_back(portion{layer, {}}), range.start);
  reads.iterate_upper_bound = &end_;
  below_.reset(db.NewIterator(reads));
  below_->Seek(range.start);
  settle();
}

void layered_cursor::fill(portion& p, std::string_view start) const {
  p.changes = p.layer.log->range(start, end_.ToStringView(), p.layer.seen, portion_max);
  p.at = 0;
}

std::string_view layered_cursor::key() const {
  return at_ == place::layer ? chosen_.key() : below_->key().ToStringView();
}

std::string_view layered_cursor::value() const {
  return at_ == place::layer ? chosen_.value() : below_->value().ToStringView();
}

void layered_cursor::next() {
  if (at_ == place::below) {
    below_->Next();
  } else {
    pass(chosen_.key());
  }
  settle();
}

/// The smallest key of all; among equals the newest layer's.
void layered_cursor::choose() {
  at_ = below_->Valid() ? place::below : place::end;
  for (const auto& l : layers_) {
    const auto* c = l.now();
    if (c == nullptr) continue;
    const bool is_first =
        at_ == place::end ||
        (at_ == place::layer ? c->key() < chosen_.key() : below_->key().ToStringView() >= c->key());
    if (is_first) {
      at_ = place::layer;
      chosen_ = *c;
    }
  }
}

void layered_cursor::pass(std::string_view key) {
  for (auto& l : layers_) {
    const auto* c = l.now();
    if (c == nullptr || c->key() != key) continue;
    if (++l.at == l.changes.size() && l.at == portion_max) fill(l, std::string(key) + '\0');
  }
  if (below_->Valid() && below_->key().ToStringView() == key) below_->Next();
}

void layered_cursor::settle() {
  // What could not be read may hold keys that come before those of the layers.
  for (choose(); at_ == place::layer && chosen_.is_erased; choose()) pass(chosen_.key());
  if (!status().ok()) at_ = place::end;
}

}  // namespace troupe::persistence

#include "tools/storm/transactions.h"

#include <algorithm>
#include <bit>

namespace vedette::storm {
namespace {

constexpr uint32_t kTriesMax = 64;  // Places that are looked at for a free one.

}  // namespace

Transactions::Transactions(uint32_t places) : places_(std::bit_ceil(places)) {}

OpenTransaction* Transactions::try_open() {
  for (uint32_t i = 0; i < kTriesMax; ++i) {
    if (++last_id_ == 0) continue;
    OpenTransaction& place = places_[last_id_ & (places_.size() - 1)];
    if (place.id != 0) continue;
    place = OpenTransaction();
    place.id = last_id_;
    ++open_;
    return &place;
  }
  return nullptr;
}

OpenTransaction* Transactions::find(uint32_t id) {
  OpenTransaction& place = places_[id & (places_.size() - 1)];
  return id != 0 && place.id == id ? &place : nullptr;
}

void Transactions::close(OpenTransaction& transaction) {
  transaction.id = 0;
  --open_;
}

OpenTransaction* Transactions::next_due(Nanoseconds now) {
  const Nanoseconds each = std::max<Nanoseconds>(kWalk / static_cast<Nanoseconds>(places_.size()), 1);
  unlooked_ = std::min(unlooked_ + now - looked_at_, kWalk);
  looked_at_ = now;
  if (open_ == 0) unlooked_ = 0;
  while (unlooked_ >= each) {
    unlooked_ -= each;
    OpenTransaction& place = places_[cursor_++ & (places_.size() - 1)];
    if (place.id != 0 && place.resend_at <= now) return &place;
  }
  return nullptr;
}

}  // namespace vedette::storm

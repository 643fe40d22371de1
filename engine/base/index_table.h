// A hash index over pool records: keyed hash → record index. Open addressing with linear probing and
// deletion by backward shift, at most half full, so it never grows or rehashes after construction.
// Keys stay in the records; the caller says when a candidate is the one.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/handle.h"

namespace vedette::engine {

class IndexTable {
 public:
  explicit IndexTable(uint32_t items_max)
      : mask_(std::bit_ceil(uint64_t{items_max} * 2 + 2) - 1), items_max_(items_max), cells_(mask_ + 1) {}

  // The first index under this hash for which `is_match(index)` holds, or kNoIndex.
  template <typename IsMatch>
  uint32_t find(uint64_t hash, IsMatch&& is_match) const {
    const uint32_t mark = mark_of(hash);
    for (uint64_t at = mark & mask_; cells_[at].index != kNoIndex; at = (at + 1) & mask_) {
      if (cells_[at].mark == mark && is_match(cells_[at].index)) return cells_[at].index;
    }
    return kNoIndex;
  }

  void insert(uint64_t hash, uint32_t index) {
    VEDETTE_CHECK(size_ < items_max_);
    uint64_t at = mark_of(hash) & mask_;
    while (cells_[at].index != kNoIndex) at = (at + 1) & mask_;
    cells_[at] = {mark_of(hash), index};
    ++size_;
  }

  void erase(uint64_t hash, uint32_t index) {
    uint64_t at = mark_of(hash) & mask_;
    while (cells_[at].index != index) {
      VEDETTE_CHECK(cells_[at].index != kNoIndex);
      at = (at + 1) & mask_;
    }
    // Close the gap: move back every follower that probed past it.
    uint64_t gap = at;
    for (at = (at + 1) & mask_; cells_[at].index != kNoIndex; at = (at + 1) & mask_) {
      const uint64_t home = cells_[at].mark & mask_;
      if (((at - home) & mask_) >= ((at - gap) & mask_)) {
        cells_[gap] = cells_[at];
        gap = at;
      }
    }
    cells_[gap] = {};
    --size_;
  }

  uint32_t size() const { return size_; }
  static uint64_t bytes(uint32_t items_max) { return std::bit_ceil(uint64_t{items_max} * 2 + 2) * sizeof(Cell); }

 private:
  struct Cell {
    uint32_t mark = 0;           // The hash's upper half; its low bits are the home cell.
    uint32_t index = kNoIndex;
  };
  static uint32_t mark_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  uint64_t mask_;
  uint32_t items_max_;
  uint32_t size_ = 0;
  std::vector<Cell> cells_;
};

}  // namespace vedette::engine

// How many there are of each key, for as many keys at once as it was made for: 8 bytes a cell, nothing for a key that
// has none. Open addressing with linear probing and deletion by backward shift, at most four fifths full. A key is its
// keyed hash, of which 36 bits are compared: of 65,536 keys two share their count with a probability of 3 %.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"

namespace vedette::engine {

class KeyCounts {
 public:
  // No keys: it counts nothing.
  explicit KeyCounts(uint32_t keys_max) : keys_max_(keys_max), mask_(cells_for(keys_max) - 1), cells_(mask_ + 1) {}

  uint32_t count(uint64_t hash) const { return static_cast<uint32_t>(cells_[find(hash)].count); }
  // One more. False when it would be a key more than there is room for.
  bool try_add(uint64_t hash) {
    Cell& cell = cells_[find(hash)];
    if (cell.count == 0) {
      if (size_ == keys_max_) return false;
      cell.mark = mark_of(hash) & kMarks;
      ++size_;
    }
    ++cell.count;
    ++total_;
    return true;
  }
  // One that was added is no more.
  void remove(uint64_t hash) {
    const uint64_t at = find(hash);
    VEDETTE_CHECK(cells_[at].count > 0);
    --total_;
    if (--cells_[at].count == 0) close_gap(at);
  }

  // Keys that have any,
  uint32_t size() const { return size_; }
  // and what they have together.
  uint64_t total() const { return total_; }
  static uint64_t bytes(uint32_t keys_max) { return cells_for(keys_max) * sizeof(Cell); }

 private:
  struct Cell {
    uint64_t mark : 36 = 0;        // Its low bits are the home cell.
    uint64_t count : 28 = 0;       // No pool has more records than that. 0: the cell is free.
  };
  static_assert(sizeof(Cell) == 8);
  static constexpr uint64_t kMarks = (uint64_t{1} << 36) - 1;

  static uint64_t cells_for(uint32_t keys_max) { return std::bit_ceil(uint64_t{keys_max} * 5 / 4 + 1); }
  static uint64_t mark_of(uint64_t hash) { return hash >> 28; }

  // Where it is, or would be.
  uint64_t find(uint64_t hash) const {
    const uint64_t mark = mark_of(hash);
    uint64_t at = mark & mask_;
    while (cells_[at].count != 0 && cells_[at].mark != mark) at = (at + 1) & mask_;
    return at;
  }
  // Moves back every follower that probed past it.
  void close_gap(uint64_t gap) {
    for (uint64_t at = (gap + 1) & mask_; cells_[at].count != 0; at = (at + 1) & mask_) {
      const uint64_t home = cells_[at].mark & mask_;
      if (((at - home) & mask_) >= ((at - gap) & mask_)) {
        cells_[gap] = cells_[at];
        gap = at;
      }
    }
    cells_[gap] = {};
    --size_;
  }

  uint32_t keys_max_;
  uint32_t size_ = 0;
  uint64_t total_ = 0;
  uint64_t mask_;
  std::vector<Cell> cells_;
};

}  // namespace vedette::engine

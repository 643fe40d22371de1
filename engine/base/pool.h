// A fixed number of records of one type, all memory taken at construction. Records are reached by index
// (links between records) or by handle (across turns). A full pool is an ordinary answer: null.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/handle.h"
#include "engine/base/prefetch.h"

namespace vedette::engine {

template <typename T>
class Pool {
 public:
  explicit Pool(uint32_t capacity)
      : records_(static_cast<T*>(::operator new(sizeof(T) * capacity, std::align_val_t{alignof(T)}))),
        generations_(capacity) {}
  ~Pool() {
    for (uint32_t i = 0; i < high_water_; ++i) {
      if (is_live(i)) records_[i].~T();
    }
    ::operator delete(records_, std::align_val_t{alignof(T)});
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A new record, value-initialised, and its index; kNoIndex when the pool is full.
  uint32_t try_acquire() {
    uint32_t index = free_;
    if (index != kNoIndex) {
      std::memcpy(&free_, &records_[index], sizeof free_);
    } else if (high_water_ < capacity()) {
      index = high_water_++;
    } else {
      return kNoIndex;
    }
    ++generations_[index];  // Odd while live.
    ++size_;
    new (&records_[index]) T();
    return index;
  }

  void release(uint32_t index) {
    VEDETTE_CHECK(is_live(index));
    records_[index].~T();
    ++generations_[index];
    // Where the record was stands which one became free before it.
    std::memcpy(static_cast<void*>(&records_[index]), &free_, sizeof free_);
    free_ = index;
    --size_;
  }

  bool is_live(uint32_t index) const { return index < high_water_ && generations_[index] % 2 == 1; }
  T& operator[](uint32_t index) {
    VEDETTE_CHECK(is_live(index));
    return records_[index];
  }
  const T& operator[](uint32_t index) const {
    VEDETTE_CHECK(is_live(index));
    return records_[index];
  }

  // Fetches the record beside other work, and what says that it is live. Any index will do.
  void prefetch(uint32_t index) const {
    if (index >= capacity()) return;
    prefetch_bytes(&records_[index], sizeof(T));
    __builtin_prefetch(&generations_[index]);
  }

  Handle<T> handle(uint32_t index) const { return {index, generations_[index]}; }
  // Null for a stale handle.
  T* find(Handle<T> handle) {
    return is_live(handle.index) && generations_[handle.index] == handle.generation ? &records_[handle.index]
                                                                                         : nullptr;
  }

  uint32_t size() const { return size_; }
  uint32_t capacity() const { return static_cast<uint32_t>(generations_.size()); }
  // Indices at or above this one were never used: the end of a walk over all records.
  uint32_t high_water() const { return high_water_; }
  static constexpr uint64_t bytes_per_record() { return sizeof(T) + sizeof(uint32_t); }

 private:
  static_assert(sizeof(T) >= sizeof(uint32_t));
  T* records_;
  std::vector<uint32_t> generations_;
  uint32_t free_ = kNoIndex;
  uint32_t high_water_ = 0;
  uint32_t size_ = 0;
};

}  // namespace vedette::engine

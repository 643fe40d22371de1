// Durations by how often they occurred, in the manner of HDR histograms: exact counts in buckets that are never wider
// than 1/64 of what they hold, from a nanosecond to 18 minutes, in fixed memory. Recording is a few instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vedette::storm {

class Histogram {
 public:
  Histogram();

  // Below 0 counts as 0, above the largest bucket as that one.
  void record(int64_t nanoseconds);
  void add(const Histogram& other);
  void clear();

  uint64_t count() const { return count_; }
  int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  // The least duration that `share` (0 to 1) of all do not exceed, up to the width of its bucket; 0 when empty.
  int64_t at_share(double share) const;
  uint64_t count_above(int64_t nanoseconds) const;

 private:
  static size_t bucket_of(uint64_t value);
  static uint64_t last_of(size_t bucket);  // The largest value in it.

  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  double sum_ = 0;
  int64_t max_ = 0;
};

}  // namespace vedette::storm

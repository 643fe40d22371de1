#include "tools/storm/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vedette::storm {
namespace {

// Values below 2^7 have a bucket each; above, each power of two has 2^6.
constexpr unsigned kSubBits = 6;
constexpr unsigned kExactBits = kSubBits + 1;
constexpr unsigned kBitsMax = 40;
constexpr size_t kBuckets = (size_t{1} << kExactBits) + ((kBitsMax - kExactBits) << kSubBits);

}  // namespace

Histogram::Histogram() : counts_(kBuckets) {}

size_t Histogram::bucket_of(uint64_t value) {
  if (value < (uint64_t{1} << kExactBits)) return value;
  const auto bits = static_cast<unsigned>(std::bit_width(value));
  if (bits > kBitsMax) return kBuckets - 1;
  const unsigned shift = bits - kExactBits;
  const size_t within = (value >> shift) & ((size_t{1} << kSubBits) - 1);
  return (size_t{1} << kExactBits) + (size_t{shift - 1} << kSubBits) + within;
}

uint64_t Histogram::last_of(size_t bucket) {
  if (bucket < (size_t{1} << kExactBits)) return bucket;
  const size_t above = bucket - (size_t{1} << kExactBits);
  const unsigned shift = static_cast<unsigned>(above >> kSubBits) + 1;
  const uint64_t within = above & ((size_t{1} << kSubBits) - 1);
  return (((uint64_t{1} << kSubBits) + within + 1) << shift) - 1;
}

void Histogram::record(int64_t nanoseconds) {
  const int64_t value = std::max<int64_t>(nanoseconds, 0);
  ++counts_[bucket_of(static_cast<uint64_t>(value))];
  ++count_;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

void Histogram::clear() { *this = Histogram(); }

int64_t Histogram::at_share(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size() && count_ > 0; ++i) {
    seen += counts_[i];
    if (seen >= std::max<uint64_t>(wanted, 1)) return std::min(max_, static_cast<int64_t>(last_of(i)));
  }
  return max_;
}

uint64_t Histogram::count_above(int64_t nanoseconds) const {
  uint64_t above = 0;
  for (size_t i = bucket_of(static_cast<uint64_t>(std::max<int64_t>(nanoseconds, 0))) + 1; i < counts_.size();
       ++i) {
    above += counts_[i];
  }
  return above;
}

}  // namespace vedette::storm

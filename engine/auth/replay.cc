// The windows of nonce counts. Allocates at construction only; one thread, the shard's.
#include "engine/auth/replay.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"

namespace vedette::engine {
namespace {

// A MAC with a secret key is as good as random, and nobody can choose it.
uint64_t hash_of(const std::array<uint8_t, 16>& mac) {
  uint64_t hash;
  std::memcpy(&hash, mac.data(), sizeof hash);
  return hash;
}

}  // namespace

ReplayWindows::ReplayWindows(uint32_t windows_max, Duration lifetime)
    : windows_(windows_max), slots_by_mac_(windows_max), lifetime_(lifetime) {
  VEDETTE_CHECK(windows_max >= 1);
}

uint64_t ReplayWindows::bytes(uint32_t windows_max) {
  return uint64_t{windows_max} * sizeof(Window) + IndexTable::bytes(windows_max);
}

ReplayVerdict ReplayWindows::use(Instant now, const NonceUse& use) {
  Window* window = find(use);
  if (window == nullptr) {
    if (use.nonce.issued <= forgotten_until_) return ReplayVerdict::kForgotten;
    if (used_ == windows_.size()) forget_oldest(now);
    remember(use);
    return ReplayVerdict::kFirstUse;
  }
  if (use.count > window->highest) {
    const uint32_t step = use.count - window->highest;
    window->used = (step < kWindowBits ? window->used << step : 0) | 1;
    window->highest = use.count;
    return ReplayVerdict::kFirstUse;
  }
  const uint32_t below = window->highest - use.count;
  if (below >= kWindowBits || (window->used >> below & 1) != 0) return ReplayVerdict::kRepeated;
  window->used |= uint64_t{1} << below;
  return ReplayVerdict::kFirstUse;
}

ReplayWindows::Window* ReplayWindows::find(const NonceUse& use) {
  const uint32_t slot = slots_by_mac_.find(hash_of(use.nonce.mac), [&](uint32_t i) {
    return windows_[i].user == use.user && windows_[i].mac == use.nonce.mac;
  });
  return slot == kNoIndex ? nullptr : &windows_[slot];
}

void ReplayWindows::remember(const NonceUse& use) {
  const auto slot = static_cast<uint32_t>((uint64_t{oldest_} + used_) % windows_.size());
  windows_[slot] = {
      .mac = use.nonce.mac, .issued = use.nonce.issued, .used = 1, .highest = use.count, .user = use.user};
  slots_by_mac_.insert(hash_of(use.nonce.mac), slot);
  ++used_;
}

void ReplayWindows::forget_oldest(Instant now) {
  const Window& window = windows_[oldest_];
  slots_by_mac_.erase(hash_of(window.mac), oldest_);
  forgotten_until_ = std::max(forgotten_until_, window.issued);
  if (now - window.issued <= lifetime_) ++forgotten_;
  oldest_ = static_cast<uint32_t>((uint64_t{oldest_} + 1) % windows_.size());
  --used_;
}

}  // namespace vedette::engine

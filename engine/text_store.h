// Text of varying size (dialog lines, PIDF fragments, composed documents) in the shard's arena, counted against
// limits.document_bytes_max. A full store is an ordinary answer: null. Owned by the shard's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>

namespace vedette::engine {

// A piece of text that its holder must give back to the store it came from.
struct Text {
  char* bytes = nullptr;
  uint32_t length = 0;
  std::string_view view() const { return {bytes, length}; }
  explicit operator bool() const { return bytes != nullptr; }
};

// `bytes` of memory from a resource, or null when it has no room.
using TryAllocate = void* (*)(std::pmr::memory_resource& arena, size_t bytes, size_t alignment);

class TextStore {
 public:
  // `reserve` bytes are kept for calls that say so: what was already promised (composed documents) must not be
  // starved by what is newly asked for (publications, subscriptions).
  TextStore(std::pmr::memory_resource* arena, TryAllocate from_arena, uint64_t bytes_max)
      : arena_(arena), from_arena_(from_arena), bytes_max_(bytes_max), reserve_(bytes_max / 4) {}

  enum class Claim : uint8_t { kNew, kPromised };

  // Uninitialised room for `length` bytes (at least 1), or null when the store is full.
  Text try_allocate(size_t length, Claim claim) {
    const uint64_t limit = claim == Claim::kNew ? bytes_max_ - reserve_ : bytes_max_;
    if (used_ + charged(length) > limit) return {};
    // An arena that is fragmented may be full before its bytes are: that is the same answer.
    void* memory = from_arena_ != nullptr ? from_arena_(*arena_, length, kAlignment)
                                            : arena_->allocate(length, kAlignment);
    if (memory == nullptr) return {};
    used_ += charged(length);
    return {static_cast<char*>(memory), static_cast<uint32_t>(length)};
  }
  Text try_store(std::string_view text, Claim claim) {
    const Text copy = try_allocate(text.size(), claim);
    if (copy) std::memcpy(copy.bytes, text.data(), text.size());
    return copy;
  }
  void release(Text& text) {
    if (!text) return;
    used_ -= charged(text.length);
    arena_->deallocate(text.bytes, text.length, kAlignment);
    text = {};
  }

  uint64_t used() const { return used_; }

 private:
  static constexpr size_t kAlignment = 16;
  // What an allocator of size classes spends at most, about.
  static uint64_t charged(size_t length) { return (uint64_t{length} + 31) & ~uint64_t{15}; }

  std::pmr::memory_resource* arena_;
  TryAllocate from_arena_;
  uint64_t bytes_max_;
  uint64_t reserve_;
  uint64_t used_ = 0;
};

}  // namespace vedette::engine

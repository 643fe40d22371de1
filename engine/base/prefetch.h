// What will be needed soon is fetched from memory beside other work. A hint: nothing but time depends on it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vedette::engine {

inline constexpr size_t kCacheLineBytes = 64;

inline void prefetch_bytes(const void* from, size_t length) {
  const char* const begin = static_cast<const char*>(from);
  for (size_t at = 0; at < length; at += kCacheLineBytes) __builtin_prefetch(begin + at);
  // A piece that does not begin with a line ends in one more.
  if (length > 0) __builtin_prefetch(begin + length - 1);
}

// The same for what will be written: no other core has it then. `from` may lie in front of what may be used.
inline void prefetch_for_writing(uintptr_t from, size_t length) {
  for (size_t at = 0; at < length; at += kCacheLineBytes) {
#if defined(__x86_64__)
    // The compiler takes it for others' processors; on those that lack it, it does nothing.
    asm("prefetchw (%0)" : : "r"(from + at));
#else
    __builtin_prefetch(reinterpret_cast<const void*>(from + at), 1);
#endif
  }
}
inline void prefetch_for_writing(const void* from, size_t length) {
  prefetch_for_writing(reinterpret_cast<uintptr_t>(from), length);
}

}  // namespace vedette::engine

// What will be needed soon is fetched from memory beside other work. A hint: nothing but time depends on it.
#pragma once

#include <cstddef>

namespace vedette::engine {

inline constexpr size_t kCacheLineBytes = 64;

inline void prefetch_bytes(const void* from, size_t length) {
  const char* const begin = static_cast<const char*>(from);
  for (size_t at = 0; at < length; at += kCacheLineBytes) __builtin_prefetch(begin + at);
  // A piece that does not begin with a line ends in one more.
  if (length > 0) __builtin_prefetch(begin + length - 1);
}

}  // namespace vedette::engine

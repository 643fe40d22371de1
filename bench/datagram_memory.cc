#include "bench/datagram_memory.h"

#include <cstdint>

namespace vedette::bench {
namespace {

// The payload of a datagram stands behind an mbuf's headroom, Ethernet, IPv4 and UDP.
constexpr size_t kPage = 4096;
constexpr size_t kOffsetInLine = (128 + 14 + 20 + 8) % DatagramMemory::kCacheLine;

char* next_at(char* place, size_t unit, size_t offset) {
  while (reinterpret_cast<uintptr_t>(place) % unit != offset) ++place;
  return place;
}

}  // namespace

DatagramMemory::DatagramMemory(size_t bytes)
    : memory_(bytes + 2 * kPage), begin_(next_at(memory_.data(), kPage, kOffsetInLine)) {}

char* DatagramMemory::next(char* place) { return next_at(place, kCacheLine, kOffsetInLine); }

}  // namespace vedette::bench

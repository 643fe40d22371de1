// The table behind header_id.h: a perfect hash of the known names and compact forms (RFC 3261 §7.3.3), made by the
// compiler and checked by it. For the index pass and header_id.cc only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "parsers/header_id.h"

namespace vedette::parsers {

// What is compared at once: longer than any known name with its colon, and one byte for the id.
inline constexpr size_t kNameWindowBytes = 32;
inline constexpr size_t kNameSlots = 256;

struct HeaderNames {
  // The one name that can be in this slot, in lower case, with its colon and SP; zeros behind it. Where there is none,
  // a LF, with which no line begins.
  struct alignas(kNameWindowBytes) Slot {
    std::array<char, kNameWindowBytes - 1> spelling{'\n'};
    uint8_t id = static_cast<uint8_t>(HeaderId::kOther);     // HeaderId
    // Which bits must be as they are there: not those that make letters small, and none behind the SP.
    std::array<uint8_t, kNameWindowBytes> wanted{0xff};
  };
  std::array<Slot, kNameSlots> slots{};
};
extern const HeaderNames kHeaderNames;

// What a name is looked up by: its first two bytes and its last four, with the colon behind it as one of it. They are
// read without asking how long it is: a short one begins with its colon, or has of the CRLF in front of it. Letters of
// either case are the same.
inline constexpr size_t kLastLetters = 3;
inline constexpr uint32_t kNameSeed = 0x6b0d549b;      // Keeps the names apart, as header_id.cc checks.

constexpr size_t slot_of(uint16_t first, uint32_t last) { return ((first ^ last) | 0x20202020) * kNameSeed >> 24; }

}  // namespace vedette::parsers

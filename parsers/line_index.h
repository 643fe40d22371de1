// What the index pass makes of the header lines of a message: fields in their order. No state between messages; any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "parsers/header_id.h"

namespace vedette::parsers {

// Offsets are 16 bits wide, so no message may be longer than this; the engine's own limit is lower.
inline constexpr size_t kMessageBytesMax = 65535;
inline constexpr size_t kHeadersMax = 128;

// Where in the message a header field stands. Without initial values: there are 128 of them, most of them unused.
struct alignas(8) HeaderField {
  uint16_t name_offset;
  uint16_t value_offset;
  uint16_t value_end;
};

// The header fields of one message, in their order. The arrays hold only what was found.
struct HeaderIndex {
  struct Tally {
    size_t count = 0;
    uint64_t seen = 0;      // Bit i: HeaderId i is there.
    uint64_t repeated = 0;  // Bit i: it is there more than once.
  };
  // There must be room: tally.count < kHeadersMax.
  void add(HeaderId id, HeaderField field) {
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(id);
    note(static_cast<uint64_t>(id), tally.count, (tally.seen & bit) != 0);
    tally.seen |= bit;
    fields[tally.count++] = field;
  }
  // The HeaderId of field `i`, all but its bit in tally.seen, which was set already or was not.
  void note(uint64_t id, size_t i, bool is_repeated) {
    // A branch, because it is seldom taken.
    if (is_repeated) tally.repeated |= uint64_t{1} << id;
    last[id] = static_cast<uint8_t>(i);
    ids[i] = static_cast<HeaderId>(id);
  }

  Tally tally;
  std::array<uint8_t, static_cast<size_t>(HeaderId::kCount)> last;   // Index of the last field with this id.
  std::array<HeaderId, kHeadersMax> ids;
  std::array<HeaderField, kHeadersMax> fields;
};

}  // namespace vedette::parsers

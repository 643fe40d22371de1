// The header lines of a message in two passes. The structure pass finds where lines end, as bit masks, 64 bytes at a
// time; the index pass makes a header field of each line. Several kernels do both, with equal results; the best one
// that this processor has is chosen once, when the program starts. No state between messages; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/header_id.h"

namespace vedette::parsers {

// Offsets are 16 bits wide, so no message may be longer than this; the engine's own limit is lower.
inline constexpr size_t kMessageBytesMax = 65535;
inline constexpr size_t kHeadersMax = 128;

// Where in the message a header field stands. Without initial values: there are 128 of them, most of them unused.
struct HeaderField {
  uint16_t name_offset;
  uint16_t name_length;
  uint16_t value_offset;
  uint16_t value_length;
};

// The header fields of one message, in their order. The arrays hold only what was found.
struct HeaderIndex {
  struct Tally {
    size_t count = 0;
    uint64_t seen = 0;      // Bit i: HeaderId i is there.
    uint64_t repeated = 0;  // Bit i: it is there more than once.
  };
  // There must be room: tally.count < kHeadersMax.
  void add(HeaderId id, HeaderField field);

  Tally tally;
  std::array<uint8_t, static_cast<size_t>(HeaderId::kCount)> last;   // Index of the last field with this id.
  std::array<HeaderId, kHeadersMax> ids;
  std::array<HeaderField, kHeadersMax> fields;
};

struct IndexKernel {
  std::string_view name;
  // Adds plain lines to `index`, from `begin` on, where a line begins; gives where the first line begins that
  // is not plain, for LineReader to read. With `begin` 0 the start line is passed over unread if it ends with
  // CRLF within the first few hundred bytes; else nothing is done and 0 given. Plain is a line that ends with
  // CRLF, is not folded, has a known name, a colon and one SP at once behind it, and a value without white
  // space around it. The line behind it may be of any kind.
  size_t (*index_plain_lines)(std::string_view text, size_t begin, HeaderIndex& index);
};

const IndexKernel& best_index_kernel();
// All that this processor can run; plain C++, the reference, is the first.
std::span<const IndexKernel> index_kernels();

}  // namespace vedette::parsers

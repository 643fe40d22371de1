// Both passes, written once for all kernels. A kernel gives its vectors as a class. Included by parsers/kernel*.cc
// alone, which are built for different processors: all of it stays inside of each, and they are always optimised,
// because an inline function that is not inlined could be put by the linker where another processor runs it. A test
// looks for such.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "parsers/chars.h"
#include "parsers/header_names.h"
#include "parsers/kernel.h"
#include "parsers/line_index.h"

namespace vedette::parsers {
namespace {

constexpr size_t kBlockBytes = 64;

// A line is looked at from two bytes before its LF: "stops" are a CR or LF without the other, at the byte behind it or
// at itself, and a LF with white space or a line end in front of its CR, as that of the empty line has. Short names are
// looked up with the line end in front of them, an empty one with one byte more.
constexpr size_t kBytesBefore = 3;

// Of 64 bytes, bit i for byte i.
struct BlockMasks {
  uint64_t feed_bits, stop_bits;
  uint64_t feeds() const { return feed_bits; }
  uint64_t stops() const { return stop_bits; }
  bool has_stop() const { return stop_bits != 0; }
};

// The offsets of the bytes in front of those whose bits are set.
inline void put_offsets_of(uint64_t bits, size_t block, uint16_t* out) {
  for (; bits != 0; bits &= bits - 1) {
    *out++ = static_cast<uint16_t>(block - 1 + static_cast<size_t>(__builtin_ctzll(bits)));
  }
}

// The last window of a text of at least that many bytes, which has fewer from where it begins: by way of memory.
template <typename Vectors>
auto load_last_window_of(const char* line, size_t size) {
  char copy[2 * kNameWindowBytes];
  Vectors::store_window(copy, Vectors::load_window(line + size - kNameWindowBytes));
  Vectors::store_window(copy + kNameWindowBytes, Vectors::no_window());
  return Vectors::load_window(copy + kNameWindowBytes - size);
}

// Where lines end, as the structure pass has found them. Without initial values: the array of a hot path.
struct LineEnds {
  static constexpr size_t kBlocks = 16;     // At most.
  static constexpr size_t kOverrun = 16;
  // Offsets of CRLF. The shortest line that is no stop has three bytes.
  std::array<uint16_t, (kBlocks + 1) * (kBlockBytes / 3 + 1) + kOverrun> offsets;
  size_t count;
};

// The structure pass: from CRLF to CRLF, 64 bytes at a time, up to the first stop.
template <typename Vectors>
class StructurePass {
 public:
  StructurePass(std::string_view text, size_t begin) : text_(text.data()), size_(text.size()), block_(begin) {}

  bool at_end() const { return block_ >= size_; }

  // In so many blocks.
  void find_some(size_t blocks, LineEnds& out) {
    uint16_t* next = out.offsets.data();
    const size_t end = block_ + std::min(blocks * kBlockBytes, (size_ - block_) / kBlockBytes * kBlockBytes);
    for (; block_ != end; block_ += kBlockBytes) {
      const auto masks = blocks_.next_masks_of(text_ + block_);
      if (masks.has_stop()) {
        next = put_until_stop(masks, 0, next);
        break;
      }
      next = put(masks.feeds(), next);
    }
    if (block_ < size_ && size_ - block_ < kBlockBytes) {
      // The 64 bytes before the end, without those that have been looked at.
      next = put_until_stop(blocks_.masks_of(text_ + size_ - kBlockBytes), block_ + kBlockBytes - size_, next);
    }
    out.count = static_cast<size_t>(next - out.offsets.data());
  }

 private:
  template <typename Masks>
  uint16_t* put_until_stop(const Masks& masks, size_t known, uint16_t* next) {
    const uint64_t stops = masks.stops() >> known;
    next = put(masks.feeds() >> known & ((stops & -stops) - 1), next);
    block_ = size_;
    return next;
  }

  // Gives where the next ones are to be put. Up to kOverrun may be written that are too many.
  uint16_t* put(uint64_t feeds, uint16_t* next) const {
    blocks_.put_offsets(feeds, block_, next);
    return next + __builtin_popcountll(feeds);
  }

  typename Vectors::Blocks blocks_{};
  const char* const text_;
  const size_t size_;
  size_t block_;
};

// A number stays as wide as what it is used with: the compiler would narrow it again, and widen it at each use.
inline void keep_wide(uint64_t& number) { asm("" : "+r"(number)); }

// The index pass: name and value of the lines that are plain. Nothing is called from here, so that what it keeps stays
// in registers.
template <typename Vectors>
class IndexPass {
 public:
  IndexPass(std::string_view text, size_t begin, HeaderIndex& index)
      : text_(text.data()), size_(text.size()), line_(begin), index_(index), known_(index.tally.count) {}

  // False when a line was met that is not plain.
  bool add_lines(const LineEnds& ends) {
    const size_t before = index_.tally.count;
    const size_t end = std::min(before + ends.count, kHeadersMax);
    size_t line = line_;
    size_t i = before;
    uint64_t seen = index_.tally.seen;
    for (; i != end; ++i) {
      size_t line_end = ends.offsets[i - before];
      keep_wide(line_end);
      if (!add_line(line, line_end, i, seen)) break;
      line = line_end + 2;
    }
    index_.tally.count = i;
    index_.tally.seen = seen;
    line_ = line;
    return i == before + ends.count;
  }

  // Where the first line begins that was not added.
  size_t finish() {
    // A line that nothing stands behind may go on in the next one, and RFC 3261 §7.3.1: one behind which a line begins
    // with white space does.
    if (line_ == size_ || text_[line_] == ' ' || text_[line_] == '\t') take_back_line();
    return line_;
  }

 private:
  // The line whose CRLF is at `end`. Else there is no CR or LF in it, and no white space at its end.
  bool add_line(size_t begin, size_t end, size_t i, uint64_t& seen) const {
    const char* const line = text_ + begin;
    typename Vectors::Window window;
    size_t length = 0;
    if (begin <= last_window_) {
      window = Vectors::load_window(line);
      length = vectors_.find_colon(window);
    } else {
      window = Vectors::load_last_window(line, size_ - begin);
      length = vectors_.find_colon(window);
      if (length == kNameWindowBytes) return false;
    }
    uint16_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, line, sizeof first);
    std::memcpy(&last, line + length - kLastLetters, sizeof last);
    const HeaderNames::Slot& slot = kHeaderNames.slots[slot_of(first, last)];
    uint64_t id = slot.id;
    keep_wide(id);
    // The name, its colon and one SP: no line end is in it, and it has the slot's length.
    if (!Vectors::is_in(slot, window)) {
      if (!is_other_name(window, line, length)) return false;
      id = static_cast<uint64_t>(HeaderId::kOther);
    }
    const size_t value = begin + length + 2;
    if (is_low(text_[value])) return false;
    index_.note(id, i, Vectors::test_and_set(seen, id));
    HeaderField& field = index_.fields[i];
    field.name_offset = static_cast<uint16_t>(begin);
    field.value_offset = static_cast<uint16_t>(value);
    field.value_end = static_cast<uint16_t>(end);
    return true;
  }

  // Whether a line begins with a name that is none of those that are known, its colon and one SP. Not inlined, so that
  // what it needs is in nobody's way.
  template <typename Window>
  [[gnu::noinline]] static bool is_other_name(Window window, const char* line, size_t length) {
    // In this order: with a token before it, the colon is in this line.
    if (length == 0 || length >= kNameWindowBytes || Vectors::count_token(window) < length) return false;
    return line[length + 1] == ' ';
  }

  void take_back_line() {
    if (index_.tally.count == known_) return;
    size_t i = --index_.tally.count;
    line_ = index_.fields[i].name_offset;
    const HeaderId id = index_.ids[i];
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(id);
    if ((index_.tally.repeated & bit) == 0) {
      index_.tally.seen &= ~bit;
      return;
    }
    // The one before it is the last now. With no other one before that, it is the only one.
    do {
      --i;
    } while (index_.ids[i] != id);
    index_.last[static_cast<unsigned>(id)] = static_cast<uint8_t>(i);
    while (i != 0 && index_.ids[i - 1] != id) --i;
    if (i == 0) index_.tally.repeated &= ~bit;
  }

  const Vectors vectors_{};
  const char* const text_;
  const size_t size_;
  const size_t last_window_ = size_ - kNameWindowBytes - 1;     // Behind one without a colon a byte is read, too.
  size_t line_;                // Where the line begins that is to be added next.
  HeaderIndex& index_;
  const size_t known_;         // So many fields are not ours.
};

// Kernel::index_plain_lines, behind a line that ends with CRLF.
template <typename Vectors>
[[gnu::always_inline]] inline size_t index_lines(std::string_view text, size_t begin, LookAhead ahead,
                                                 HeaderIndex& index) {
  if (text.size() < kBytesBefore + kBlockBytes) return begin;
  StructurePass<Vectors> structure(text, begin);
  IndexPass<Vectors> lines(text, begin, index);
  LineEnds ends;
  size_t blocks = ahead == LookAhead::kFar ? LineEnds::kBlocks : 1;
  do {
    structure.find_some(blocks, ends);
    blocks = std::min(2 * blocks, LineEnds::kBlocks);
  } while (lines.add_lines(ends) && !structure.at_end());
  return lines.finish();
}

// Kernel::index_plain_lines.
template <typename Vectors>
size_t index_plain_lines_with(std::string_view text, size_t begin, LookAhead ahead, HeaderIndex& index) {
  if (begin < kBytesBefore || text[begin - 2] != '\r') return begin;
  return index.tally.count == kHeadersMax ? begin : index_lines<Vectors>(text, begin, ahead, index);
}

}  // namespace
}  // namespace vedette::parsers

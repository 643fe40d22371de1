// Both passes, written once for all kernels. A kernel gives its vectors as a class. Included by parsers/kernel*.cc
// alone, which are built for different processors: all of it stays inside of each, and they are always optimised,
// because an inline function that is not inlined could be put by the linker where another processor runs it. A test
// looks for such.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "parsers/chars.h"
#include "parsers/header_names.h"
#include "parsers/line_index.h"

namespace vedette::parsers {
namespace {

constexpr size_t kBlockBytes = 64;

struct BlockMasks {
  uint64_t feeds;
  uint64_t returns;
};

// The last window of a text of at least that many bytes, which has fewer from where it begins: by way of memory.
template <typename Vectors>
auto load_last_window_of(const char* line, size_t size) {
  char copy[2 * kNameWindowBytes];
  Vectors::store_window(copy, Vectors::load_window(line + size - kNameWindowBytes));
  Vectors::store_window(copy + kNameWindowBytes, Vectors::no_window());
  return Vectors::load_window(copy + kNameWindowBytes - size);
}

// All of the structure and index passes. Nothing is called from here, so that what they keep stays in registers.
template <typename Vectors>
class IndexPass {
 public:
  IndexPass(const char* text, size_t size, HeaderIndex& index) : text_(text), end_(text + size), index_(index) {}

  // Kernel::index_plain_lines.
  size_t run(size_t begin) {
    if (end_ - text_ < static_cast<ptrdiff_t>(kBlockBytes)) return begin;
    if (begin == 0) {
      begin = pass_over_line();
      if (begin == 0) return 0;
    }
    const char* line = text_ + begin;
    const char* block = line - begin % kBlockBytes;
    uint64_t wanted = ~uint64_t{0} << begin % kBlockBytes;   // The bytes of the first block from `begin` on.
    uint64_t after_return = 0;                               // Bit 0: the byte before this block is CR.
    HeaderIndex::Tally tally = index_.tally;
    for (; block < end_; block += kBlockBytes) {
      const BlockMasks masks = masks_at(block);
      // A LF that is the last byte has no line behind it, so that its own is not plain.
      if (end_ - block <= static_cast<ptrdiff_t>(kBlockBytes)) wanted &= (uint64_t{1} << (end_ - block - 1)) - 1;
      // A CR that is not followed by LF makes its line malformed.
      if ((((masks.returns & wanted) << 1 | after_return) & ~masks.feeds) != 0) break;
      after_return = masks.returns >> (kBlockBytes - 1);
      for (uint64_t left = masks.feeds & wanted; left != 0; left &= left - 1) {
        const char* const feed = block + Vectors::count_zeros(left);
        // The empty line is known early, so that a wrong guess of where the head ends costs little.
        if (feed - line <= 1 || !read_line(line, feed, tally)) {
          index_.tally = tally;
          return static_cast<size_t>(line - text_);
        }
        line = feed + 1;
      }
      wanted = ~uint64_t{0};
    }
    index_.tally = tally;
    return static_cast<size_t>(line - text_);
  }

 private:
  // At the end of the text: the 64 bytes before it, without those that stand before the block.
  BlockMasks masks_at(const char* block) const {
    if (end_ - block >= static_cast<ptrdiff_t>(kBlockBytes)) return vectors_.masks_of(block);
    const auto known = static_cast<size_t>(block + kBlockBytes - end_);
    const BlockMasks masks = vectors_.masks_of(end_ - kBlockBytes);
    return {masks.feeds >> known, masks.returns >> known};
  }

  // The offset behind the first line of the text; 0 when it is long, or has a CR in it that no LF follows.
  // Whoever reads the line itself does not have to be waited for in this way.
  size_t pass_over_line() const {
    constexpr ptrdiff_t kLongest = 4 * kBlockBytes;
    for (const char* block = text_; block < end_ && block - text_ < kLongest; block += kBlockBytes) {
      const BlockMasks masks = masks_at(block);
      if ((masks.feeds | masks.returns) == 0) continue;
      const size_t at = Vectors::count_zeros(masks.feeds);
      const bool is_plain = at > 0 && at < kBlockBytes && Vectors::count_zeros(masks.returns) == at - 1;
      return is_plain ? static_cast<size_t>(block - text_) + at + 1 : 0;
    }
    return 0;
  }

  // A line with its LF, to be added if it is plain. No CR stands in it but before LF.
  bool read_line(const char* line, const char* feed, HeaderIndex::Tally& tally) const {
    // RFC 3261 §7.3.1: white space at the front of the next line makes it a part of this one.
    if (is_low(feed[1]) && feed[1] != '\r') return false;
    const auto raw = load_window(line);
    // Makes letters small and leaves "-" as it is. Other bytes may come to look like these two or like a colon: CR, of
    // which none stands in a name, and SUB, which would be taken for the colon if that were looked for behind this.
    const auto window = vectors_.to_lower(raw);
    const size_t length = vectors_.find_colon(raw);
    const uint64_t letters = Vectors::low_bits(Vectors::first_word(window), length * 8);
    const HeaderNames::Slot& slot = kHeaderNames.slots[slot_of(letters, length, kNameSeed)];
    HeaderId id = slot.id;
    // The name and its colon, so that they have the same length when they are equal. It has no line end in it.
    if (Vectors::count_equal(window, slot.spelling.data()) <= length) {
      if (length == 0 || length == kNameWindowBytes || vectors_.count_token(raw) < length) return false;
      id = HeaderId::kOther;
    }
    const char* const value = line + length + 2;
    if (value[-1] != ' ' || is_low(value[0]) || is_low(feed[-2]) || feed[-1] != '\r') return false;
    if (tally.count == kHeadersMax) return false;
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(id);
    tally.repeated |= tally.seen & bit;
    tally.seen |= bit;
    index_.last[static_cast<size_t>(id)] = static_cast<uint8_t>(tally.count);
    index_.ids[tally.count] = id;
    HeaderField& field = index_.fields[tally.count++];
    field.name_offset = static_cast<uint16_t>(line - text_);
    field.name_length = static_cast<uint16_t>(length);
    field.value_offset = static_cast<uint16_t>(value - text_);
    field.value_length = static_cast<uint16_t>(feed - 1 - value);
    return true;
  }

  // kNameWindowBytes from where a line begins. At the end of the text zeros stand behind them.
  auto load_window(const char* line) const {
    const auto size = static_cast<size_t>(end_ - line);
    return size >= kNameWindowBytes ? Vectors::load_window(line) : Vectors::load_last_window(line, size);
  }

  const Vectors vectors_{};
  const char* const text_;
  const char* const end_;
  HeaderIndex& index_;
};

}  // namespace
}  // namespace vedette::parsers

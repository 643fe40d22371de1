// Sixteen bytes at a time are what they are one at a time: each function of parsers/simd.h, for every byte in every
// place. Built twice, for what this processor has and for plain C++ (VEDETTE_PLAIN_PARSERS), and once more for each
// processor that is emulated.
#include "parsers/simd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/guarded_bytes.h"

namespace vedette::parsers {
namespace {

using support::GuardedBytes;

// A function of a byte's place.
template <typename Test>
uint32_t mask_by_bytes(Test is_set) {
  uint32_t mask = 0;
  for (uint32_t i = 0; i < kVectorBytes; ++i) mask |= (is_set(i) ? 1u : 0u) << i;
  return mask;
}

std::string random_bytes(std::mt19937& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string bytes_of(Bytes16 bytes) {
  std::string text(kVectorBytes, 'x');
  store16(text.data(), bytes);
  return text;
}

// Nothing, everything, one character, and some of all.
std::vector<ByteSet> sets() {
  std::vector<ByteSet> made(6);
  std::mt19937 random(2);
  for (unsigned char c = 0; c < 0x80; ++c) {
    made[1].add(c);
    if (c == ':') made[2].add(c);
    if (c < ' ') made[3].add(c);
    if (random() % 2 != 0) made[4].add(c);
    if (random() % 20 != 0) made[5].add(c);
  }
  return made;
}

TEST(Simd, IsWhatTheProcessorHasUnlessPlainIsWanted) {
#if defined(VEDETTE_PARSERS_SSE) || defined(VEDETTE_PARSERS_NEON)
  constexpr bool kIsPlain = false;
#else
  constexpr bool kIsPlain = true;
#endif
#if defined(VEDETTE_PLAIN_PARSERS)
  EXPECT_TRUE(kIsPlain);
#else
  EXPECT_FALSE(kIsPlain) << "neither SSE4.2 nor NEON";
#endif
}

TEST(Simd, LoadsAndStoresEveryByteWhereItIs) {
  std::mt19937 random(3);
  GuardedBytes guarded(kVectorBytes);
  for (int turn = 0; turn < 1000; ++turn) {
    const std::string bytes = random_bytes(random, kVectorBytes);
    EXPECT_EQ(bytes_of(load16(guarded.copy(bytes).data())), bytes);
    uint64_t low = 0;
    uint64_t high = 0;
    for (size_t i = 0; i < 8; ++i) {
      low |= uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
      high |= uint64_t{static_cast<unsigned char>(bytes[i + 8])} << 8 * i;
    }
    EXPECT_EQ(bytes_of(from_words(low, high)), bytes);
    store16(guarded.last(kVectorBytes), load16(bytes.data()));
    EXPECT_EQ(std::string_view(guarded.last(kVectorBytes), kVectorBytes), bytes);
  }
  EXPECT_EQ(bytes_of(zeros16()), std::string(kVectorBytes, '\0'));
}

TEST(Simd, EveryByteIsToldFromEveryOther) {
  for (int a = 0; a < 256; ++a) {
    const std::string first(kVectorBytes, static_cast<char>(a));
    for (int b = 0; b < 256; ++b) {
      std::string bytes = first;
      const auto place = static_cast<size_t>(b) % kVectorBytes;
      bytes[place] = static_cast<char>(b);
      const Bytes16 loaded = load16(bytes.data());
      const uint32_t at_place = 1u << place;
      ASSERT_EQ(mask_equal(loaded, static_cast<char>(b)), a == b ? 0xffffu : at_place) << a << " " << b;
      ASSERT_EQ(mask_equal(loaded, load16(first.data())), a == b ? 0xffffu : 0xffffu ^ at_place) << a << " " << b;
      ASSERT_EQ(mask_control(loaded), (a < ' ' ? 0xffffu ^ at_place : 0) | (b < ' ' ? at_place : 0)) << a << " " << b;
    }
  }
}

TEST(Simd, MasksAreThoseOfTheBytesOneByOne) {
  std::mt19937 random(4);
  const std::vector<ByteSet> all = sets();
  for (int turn = 0; turn < 5000; ++turn) {
    std::string bytes = random_bytes(random, kVectorBytes);
    if (turn % 2 != 0) for (char& c : bytes) c = static_cast<char>(c & 0x7f);
    const std::string other = random_bytes(random, kVectorBytes);
    std::string mixed = bytes;
    for (size_t i = 0; i < kVectorBytes; ++i) if (random() % 2 != 0) mixed[i] = other[i];
    const Bytes16 loaded = load16(bytes.data());
    ASSERT_EQ(mask_equal(loaded, load16(mixed.data())), mask_by_bytes([&](size_t i) { return bytes[i] == mixed[i]; }));
    ASSERT_EQ(mask_equal(loaded, bytes[3]), mask_by_bytes([&](size_t i) { return bytes[i] == bytes[3]; }));
    for (const ByteSet& set : all) {
      ASSERT_EQ(mask_outside(loaded, set), mask_by_bytes([&](size_t i) { return !set.contains(bytes[i]); }));
    }
    const auto byte = [](char c) { return static_cast<unsigned char>(c); };
    ASSERT_EQ(mask_low(loaded), mask_by_bytes([&](size_t i) { return byte(bytes[i]) <= ' '; }));
    ASSERT_EQ(mask_ascii(loaded), mask_by_bytes([&](size_t i) { return byte(bytes[i]) < 0x80; }));
    std::string wanted(kVectorBytes, '\0');
    for (size_t i = 0; i < kVectorBytes; ++i) wanted[i] = static_cast<char>(random() % 4 != 0 ? 0 : 1u << random() % 8);
    const bool are_equal = mask_by_bytes([&](size_t i) { return ((bytes[i] ^ mixed[i]) & wanted[i]) != 0; }) == 0;
    ASSERT_EQ(equal_where(loaded, load16(mixed.data()), load16(wanted.data())), are_equal);
  }
}

// A set of one character has that one alone, wherever it stands; none has a byte above ASCII.
TEST(Simd, ASetHasWhatWasAddedAndNothingElse) {
  for (unsigned char member = 0; member < 0x80; ++member) {
    ByteSet set;
    set.add(member);
    for (unsigned first = 0; first < 256; first += kVectorBytes) {
      std::string bytes;
      for (unsigned c = first; c < first + kVectorBytes; ++c) bytes += static_cast<char>(c);
      const uint32_t inside = member / kVectorBytes * kVectorBytes == first ? 1u << member % kVectorBytes : 0;
      ASSERT_EQ(mask_outside(load16(bytes.data()), set), 0xffff ^ inside) << int{member} << " from " << first;
    }
  }
}

TEST(Simd, ASparseSetHasWhatWasAddedAndNothingElse) {
  for (unsigned char member = 0; member < 0x80; ++member) {
    SparseSet set;
    set.add(member);
    for (unsigned first = 0; first < 256; first += kVectorBytes) {
      std::string bytes;
      for (unsigned c = first; c < first + kVectorBytes; ++c) bytes += static_cast<char>(c);
      const uint32_t inside = member / kVectorBytes * kVectorBytes == first ? 1u << member % kVectorBytes : 0;
      ASSERT_EQ(mask_inside(load16(bytes.data()), set), inside) << int{member} << " from " << first;
    }
  }
  const std::string all("\0\x01\x12\x23\x34\x45\x56\x67\x78\x09\x1a\x2b\x3c\x4d\x5e\x6f", kVectorBytes);
  SparseSet full;
  for (const char c : all) full.add(static_cast<unsigned char>(c));
  EXPECT_EQ(mask_inside(load16(all.data()), full), 0xffffU);
  EXPECT_EQ(mask_inside(load16(all.data()), SparseSet{}), 0U);
}

// Each byte at each place among others that are good.
TEST(Simd, OneByteThatIsNotPrintedIsSeenAmongSixtyFour) {
  SparseSet set;
  for (const unsigned char c : {'\0', '\t', '\n'}) set.add(c);
  GuardedBytes guarded(4 * kVectorBytes);
  for (size_t at = 0; at < 4 * kVectorBytes; ++at) {
    for (unsigned c = 0; c < 256; ++c) {
      std::string bytes(4 * kVectorBytes, c % 2 != 0 ? ' ' : '\t');
      bytes[at] = static_cast<char>(c);
      const bool is_good = (c >= ' ' && c < 0x80) || c == 0 || c == '\t' || c == '\n';
      ASSERT_EQ(are_printed_or_inside(guarded.copy(bytes).data(), set), is_good) << c << " at " << at;
    }
  }
}

TEST(Simd, FewBytesHaveZerosBehindThem) {
  std::mt19937 random(5);
  GuardedBytes guarded(kVectorBytes);
  for (size_t size = 1; size < kVectorBytes; ++size) {
    const std::string bytes = random_bytes(random, size);
    const std::string filled = bytes + std::string(kVectorBytes - size, '\0');
    EXPECT_EQ(bytes_of(load_short(guarded.copy(bytes).data(), size)), filled) << size;
    EXPECT_EQ(bytes_of(load_short(guarded.copy_to_front(bytes).data(), size)), filled) << size;
  }
}

TEST(Simd, APrefixIsComparedWhole) {
  const std::string text = "presence:tuple xmlns";
  GuardedBytes guarded(text.size());
  GuardedBytes guarded_prefix(text.size());
  for (size_t length = 0; length <= text.size(); ++length) {
    // As many readable bytes as there are behind both: those of the shorter one.
    for (size_t readable = length; readable <= text.size(); ++readable) {
      const char* const bytes = guarded.copy(std::string_view(text).substr(0, readable)).data();
      const char* const placed = guarded_prefix.copy(std::string_view(text).substr(0, readable)).data();
      EXPECT_TRUE(begins_with(bytes, {placed, length}, readable)) << length << " of " << readable;
      for (size_t i = 0; i < readable; ++i) {
        std::string changed = text.substr(0, readable);
        changed[i] = static_cast<char>(changed[i] ^ 0x80);
        const char* const other = guarded.copy(changed).data();
        EXPECT_EQ(begins_with(other, {placed, length}, readable), i >= length) << length << " of " << readable;
      }
    }
  }
}

// However many bytes there are, before and behind, and wherever the first one stands that is looked for.
TEST(Simd, TheFirstByteIsFoundWhereItIs) {
  constexpr size_t kMax = 3 * kVectorBytes + 1;
  ByteSet set;
  set.add('a');
  GuardedBytes guarded(2 * kMax);
  for (size_t before = 0; before <= kVectorBytes; before += 3) {
    for (size_t length = 0; length <= kMax; ++length) {
      for (size_t stop = 0; stop <= length; ++stop) {
        std::string bytes(before, '\x81');              // What stands before is outside, and is not found.
        bytes.append(length, 'a');
        if (stop < length) bytes[before + stop] = '\xe1';
        if (stop + 2 < length) bytes[before + stop + 2] = 'b';
        for (const std::string_view placed : {guarded.copy(bytes), guarded.copy_to_front(bytes)}) {
          const char* const next = placed.data() + before;
          const char* const end = placed.data() + placed.size();
          ASSERT_EQ(find_outside(set, placed.data(), next, end) - next, static_cast<ptrdiff_t>(stop))
              << before << " before " << length;
        }
      }
    }
  }
}

}  // namespace
}  // namespace vedette::parsers

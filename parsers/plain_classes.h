// The classes of characters that plain values are read by, one bit each, so that one look-up of a byte says
// all of them. For parsers/kernel*.cc and what they include only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "parsers/chars.h"

namespace vedette::parsers {

inline constexpr size_t kWindowBytes = 64;
// How many of them are looked at while more stand behind: so are a few delimiters, and the first letters of a name, in
// the window with the end of what stands before them.
inline constexpr size_t kKnownBytes = 56;

enum class PlainClass : uint8_t {
  kToken,
  kHost,
  kUser,
  kUriParam,
  kDigit,
  kVisible,
  kWord,
  kQuotedText,  // Inside of a quoted string: all but its quote, a backslash and control characters.
};

inline constexpr std::array<CharClass, 7> kCharClassOf = {kTokenChar, kHostChar,    kUserChar, kUriParamChar,
                                                         kDigitChar, kVisibleChar, kWordChar};

constexpr bool is_in(PlainClass plain, unsigned char c) {
  const char byte = static_cast<char>(c);
  switch (plain) {
    // RFC 3261 §25.1: qdtext, with UTF-8 and without the white space that could be a fold.
    case PlainClass::kQuotedText: return c >= ' ' && c != '"' && c != '\\' && c != 0x7f;
    default: return is(kCharClassOf[static_cast<size_t>(plain)], byte);
  }
}

// Of the ASCII characters. All others are in kQuotedText and in no other class.
inline constexpr std::array<ByteSet, 8> kPlainSets = [] {
  std::array<ByteSet, 8> sets;
  for (unsigned char c = 0; c < 0x80; ++c) {
    for (size_t i = 0; i < sets.size(); ++i) {
      if (is_in(static_cast<PlainClass>(i), c)) sets[i].add(c);
    }
  }
  return sets;
}();
constexpr const ByteSet& set_of(PlainClass plain) { return kPlainSets[static_cast<size_t>(plain)]; }

// What vectors are compared with. Not defined here: instructions take such constants from memory at no cost, but
// compilers that know them would make them anew each time.
struct PlainTables {
  template <typename T>
  using Window = std::array<T, kWindowBytes>;
  // Bit i of a byte: the ASCII character that it stands for is of class i.
  alignas(kWindowBytes) std::array<uint8_t, 2 * kWindowBytes> classes{};
  // Bit i alone, for each class.
  std::array<Window<uint8_t>, kPlainSets.size()> class_bits{};
  Window<char> feeds{}, returns{}, dots{}, hyphens{}, spaces{}, commas{}, quotes{};
};
extern const PlainTables kPlainTables;

}  // namespace vedette::parsers

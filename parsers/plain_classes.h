// The classes of characters that plain values are read by, one bit each, so that one look-up of a byte says
// all of them. For parsers/kernel*.cc and plain_values.h only.
#pragma once

#include <array>
#include <cstdint>

#include "parsers/chars.h"

namespace vedette::parsers {

enum class PlainClass : uint8_t {
  kToken,
  kHost,
  kUser,
  kUriParam,
  kDigit,
  kVisible,
  kQuotedStop,  // What ends a run inside of a quoted string: its quote, a backslash, a control character, NUL.
};

inline constexpr std::array<CharClass, 6> kCharClassOf = {kTokenChar, kHostChar, kUserChar, kUriParamChar, kDigitChar,
                                                         kVisibleChar};

inline constexpr ByteSet kQuotedStops = [] {
  ByteSet set;
  for (unsigned char c = 0; c < ' '; ++c) set.add(c);
  for (const unsigned char c : {'"', '\\', '\x7f'}) set.add(c);
  return set;
}();

constexpr const ByteSet& set_of(PlainClass plain) {
  return plain == PlainClass::kQuotedStop ? kQuotedStops : set_of(kCharClassOf[static_cast<size_t>(plain)]);
}

// Bit i of a byte: the ASCII character that it stands for is of class i.
struct PlainClassTable {
  alignas(64) std::array<uint8_t, 128> bits{};
};
inline constexpr PlainClassTable kPlainClasses = [] {
  PlainClassTable table;
  for (unsigned c = 0; c < 128; ++c) {
    for (unsigned i = 0; i <= static_cast<unsigned>(PlainClass::kQuotedStop); ++i) {
      const bool is_member = set_of(static_cast<PlainClass>(i)).contains(static_cast<char>(c));
      table.bits[c] = static_cast<uint8_t>(table.bits[c] | (is_member ? 1u << i : 0));
    }
  }
  return table;
}();

}  // namespace vedette::parsers

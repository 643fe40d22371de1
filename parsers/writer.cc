#include "parsers/writer.h"

#include <array>

namespace vedette::parsers {

Writer& Writer::put_uint(uint64_t value) {
  std::array<char, 20> digits;
  size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return put(std::string_view(digits.data() + first, digits.size() - first));
}

Writer& Writer::put_hex(uint64_t value, unsigned digits) {
  std::array<char, 16> text;
  if (digits > text.size()) digits = static_cast<unsigned>(text.size());
  for (size_t i = digits; i > 0; --i, value >>= 4) text[i - 1] = "0123456789abcdef"[value & 0xf];
  return put(std::string_view(text.data(), digits));
}

}  // namespace vedette::parsers

// The byte classes are one table; characters beyond ASCII take a slower way, as they are rare in presence.
#include "parsers/xml_chars.h"

#include <algorithm>

#include "parsers/simd.h"

namespace vedette::parsers {
namespace {

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = kXmlNameStart | kXmlName;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kXmlName;
  classes['_'] = kXmlNameStart | kXmlName;
  classes['-'] = classes['.'] = kXmlName;
  for (const char c : {' ', '\t', '\r', '\n'}) classes[static_cast<uint8_t>(c)] = kXmlSpace;
  for (const char c : {'<', '&', '>', '"', '\t', '\r', '\n'}) classes[static_cast<uint8_t>(c)] |= kXmlEscaped;
  for (const char c : {'"', '\'', '\t', '\n'}) classes[static_cast<uint8_t>(c)] |= kXmlTextPlain;
  for (unsigned c = 0x80; c < 256; ++c) classes[c] = kXmlNonAscii;
  return classes;
}

// XML §2.2 Char, as far as ASCII goes.
constexpr ByteSet kAsciiText = [] {
  ByteSet set;
  for (unsigned char c = ' '; c < 0x80; ++c) set.add(c);
  for (const char c : {'\t', '\r', '\n'}) set.add(static_cast<unsigned char>(c));
  return set;
}();
constexpr SparseSet kControlText = [] {
  SparseSet set;
  for (const unsigned char c : {'\t', '\r', '\n'}) set.add(c);
  return set;
}();

struct Utf8 {
  char32_t character = 0;
  size_t length = 0;  // 0: not UTF-8, or a surrogate, or beyond Unicode.
};

// RFC 3629 §4, for a first byte of 0x80 and above.
Utf8 decode_utf8(std::string_view text) {
  const auto byte = [&](size_t i) -> char32_t { return static_cast<uint8_t>(text[i]); };
  const char32_t first = byte(0);
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  char32_t character = first & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    character = character << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (character < kSmallest[length] || character > 0x10FFFF) return {};
  if (character >= 0xD800 && character <= 0xDFFF) return {};
  return {character, length};
}

uint8_t encode_utf8(char32_t c, std::array<char, 4>& out) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  const uint8_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (unsigned i = length - 1U; i > 0; --i) {
    out[i] = static_cast<char>(0x80 | (c & 0x3F));
    c >>= 6;
  }
  out[0] = static_cast<char>((0xF0U << (4U - length)) | c);
  return length;
}

// XML §2.2 Char.
bool is_char(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

struct Range {
  char32_t first, last;
};
// XML §2.3 NameStartChar and what NameChar adds to it, beyond ASCII.
constexpr Range kNameStartRanges[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},
                                      {0x370, 0x37D},   {0x37F, 0x1FFF},  {0x200C, 0x200D},
                                      {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
                                      {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
constexpr Range kNameRanges[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

bool is_name_start(char32_t c) {
  return std::ranges::any_of(kNameStartRanges, [c](Range r) { return c >= r.first && c <= r.last; });
}
bool is_name(char32_t c) {
  return is_name_start(c) ||
         std::ranges::any_of(kNameRanges, [c](Range r) { return c >= r.first && c <= r.last; });
}

// Bytes of name characters that `text` begins with.
size_t name_chars(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    if (is_xml(kXmlName, text[i])) {
      ++i;
    } else if (is_xml(kXmlNonAscii, text[i])) {
      const Utf8 utf8 = decode_utf8(text.substr(i));
      if (utf8.length == 0 || !is_name(utf8.character)) break;
      i += utf8.length;
    } else {
      break;
    }
  }
  return i;
}

struct Entity {
  std::string_view reference;
  char character;
};
constexpr Entity kEntities[] = {
    {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

// "#..." or "#x..." (XML §4.1): the number between "&" and ";". 0 is no Char.
char32_t character_number(std::string_view text) {
  const bool hex = text.size() > 1 && text[1] == 'x';
  text.remove_prefix(hex ? 2 : 1);
  if (text.empty()) return 0;
  char32_t number = 0;
  for (const char c : text) {
    char32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<char32_t>(c - '0');
    } else if (hex && c >= 'a' && c <= 'f') {
      digit = static_cast<char32_t>(c - 'a' + 10);
    } else if (hex && c >= 'A' && c <= 'F') {
      digit = static_cast<char32_t>(c - 'A' + 10);
    } else {
      return 0;
    }
    number = number * (hex ? 16 : 10) + digit;
    if (number > 0x10FFFF) return 0;
  }
  return number;
}

}  // namespace

constinit const std::array<uint8_t, 256> kXmlClasses = make_classes();

bool is_xml_white(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_xml(kXmlSpace, c); });
}

std::string_view trim_xml_white(std::string_view text) {
  while (!text.empty() && is_xml(kXmlSpace, text.front())) text.remove_prefix(1);
  while (!text.empty() && is_xml(kXmlSpace, text.back())) text.remove_suffix(1);
  return text;
}

bool is_xml_text(std::string_view text) {
  constexpr size_t kBlock = 4 * kVectorBytes;
  const char* next = text.data();
  const char* const end = next + text.size();
  while (next != end) {
    if (end - next >= static_cast<ptrdiff_t>(kBlock) && are_printed_or_inside(next, kControlText)) {
      next += kBlock;
      continue;
    }
    // Some of this block, or the last bytes.
    next = find_outside(kAsciiText, text.data(), next, end);
    while (next != end && is_xml(kXmlNonAscii, *next)) {
      const Utf8 utf8 = decode_utf8({next, static_cast<size_t>(end - next)});
      if (utf8.length == 0 || !is_char(utf8.character)) return false;
      next += utf8.length;
    }
    if (next != end && !kAsciiText.contains(*next)) return false;
  }
  return true;
}

std::string_view find_xml_name(std::string_view text) {
  if (text.empty()) return {};
  if (is_xml(kXmlNonAscii, text[0])) {
    const Utf8 utf8 = decode_utf8(text);
    if (utf8.length == 0 || !is_name_start(utf8.character)) return {};
  } else if (!is_xml(kXmlNameStart, text[0])) {
    return {};
  }
  return text.substr(0, name_chars(text));
}

bool is_xml_nmtoken(std::string_view text) {
  if (text.empty()) return false;
  for (;;) {
    text.remove_prefix(name_chars(text));
    if (text.empty()) return true;
    if (text[0] != ':') return false;
    text.remove_prefix(1);
  }
}

XmlReference read_xml_reference(std::string_view text) {
  XmlReference reference;
  if (text.size() > 1 && text[1] == '#') {
    // Leading zeros are legal but nobody needs many: what is longer than this is not read.
    constexpr size_t kReferenceBytesMax = 16;
    const size_t end = text.substr(0, kReferenceBytesMax).find(';');
    if (end == std::string_view::npos) return reference;
    const char32_t c = character_number(text.substr(1, end - 1));
    if (!is_char(c)) return reference;
    reference.utf8_length = encode_utf8(c, reference.utf8);
    reference.length = end + 1;
    return reference;
  }
  for (const Entity& entity : kEntities) {
    if (!text.starts_with(entity.reference)) continue;
    reference.utf8[0] = entity.character;
    reference.utf8_length = 1;
    reference.length = entity.reference.size();
    break;
  }
  return reference;
}

std::string_view escape_in_xml_text(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\r':
      return "&#13;";
    default:
      return {};
  }
}

std::string_view escape_in_xml_value(char c) {
  switch (c) {
    case '"':
      return "&quot;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    default:
      return escape_in_xml_text(c);
  }
}

void put_xml_escaped(std::string_view text, Writer& writer) {
  for (const char c : text) {
    const std::string_view escaped = escape_in_xml_value(c);
    if (escaped.empty()) {
      writer.put(c);
    } else {
      writer.put(escaped);
    }
  }
}

}  // namespace vedette::parsers

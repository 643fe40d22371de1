// The characters of XML 1.0 (fifth edition): which may stand in a document, which in a name, what a reference
// means, and how text is escaped. Pure functions over UTF-8 bytes; structure is xml_scanner's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/writer.h"

namespace vedette::parsers {

// Classes of single bytes, as bits. Bytes of 0x80 and above belong to no class but kXmlNonAscii.
inline constexpr uint8_t kXmlSpace = 1;      // S: space, tab, CR, LF.
inline constexpr uint8_t kXmlNameStart = 2;  // ASCII NameStartChar without ":".
inline constexpr uint8_t kXmlName = 4;       // ASCII NameChar without ":".
inline constexpr uint8_t kXmlEscaped = 8;    // What has to be written otherwise in text or in an attribute's value.
inline constexpr uint8_t kXmlTextPlain = 16;  // Of XmlStop::kSpecial, what stands for itself in text.
inline constexpr uint8_t kXmlNonAscii = 32;
extern const std::array<uint8_t, 256> kXmlClasses;

// Compilers need a step or two for a word that they can see the length of.
template <size_t kBytes>
bool equals(std::string_view text, const char (&word)[kBytes]) {
  return text.size() == kBytes - 1 && std::memcmp(text.data(), word, kBytes - 1) == 0;
}

inline bool is_xml(uint8_t classes, char c) { return (kXmlClasses[static_cast<uint8_t>(c)] & classes) != 0; }
bool is_xml_white(std::string_view text);
std::string_view trim_xml_white(std::string_view text);

// Every character is a Char (XML §2.2) in well-formed UTF-8.
bool is_xml_text(std::string_view text);

// The NCName (Namespaces in XML §3) that `text` begins with; empty when there is none. `text` is is_xml_text.
std::string_view find_xml_name(std::string_view text);
// Every character is a NameChar, ":" included, and there is at least one: an Nmtoken (XML §2.3).
bool is_xml_nmtoken(std::string_view text);

struct XmlReference {
  size_t length = 0;           // Bytes of the input from "&" to ";"; 0 when it is none we know.
  std::array<char, 4> utf8{};  // The character it stands for.
  uint8_t utf8_length = 0;
};
// `text` begins with "&". The five predefined entities and references to a Char (XML §4.1, §4.6).
XmlReference read_xml_reference(std::string_view text);

// What to write instead of the character; empty when it may stand as it is. White space that a reader would
// change (XML §2.11, §3.3.3) becomes a character reference.
std::string_view escape_in_xml_text(char c);
std::string_view escape_in_xml_value(char c);
// The whole of `text` so that it may stand in a value, and in text as well.
void put_xml_escaped(std::string_view text, Writer& writer);

}  // namespace vedette::parsers

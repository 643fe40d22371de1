// Names of header fields, both directions: the table of header_names.h, made from the lists below.
#include "parsers/header_id.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "parsers/chars.h"
#include "parsers/header_names.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(HeaderId::kCount)> kNames = {
    "",
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Content-Encoding",
    "Event",
    "Allow-Events",
    "Expires",
    "Min-Expires",
    "Subscription-State",
    "Accept",
    "Accept-Encoding",
    "Supported",
    "Require",
    "Proxy-Require",
    "Unsupported",
    "Route",
    "Record-Route",
    "Authorization",
    "Proxy-Authorization",
    "WWW-Authenticate",
    "Proxy-Authenticate",
    "SIP-ETag",
    "SIP-If-Match",
    "Retry-After",
    "Allow",
    "User-Agent",
    "Server",
    "Date",
    "Warning",
    "Path",
    "P-Asserted-Identity",
    "Suppress-If-Match",
    "Identity"};

// RFC 3261 §7.3.3, RFC 6665 §8.4, RFC 8224 §4.
struct CompactForm {
  char letter;
  HeaderId id;
};
constexpr CompactForm kCompact[] = {
    {'c', HeaderId::kContentType},
    {'e', HeaderId::kContentEncoding},
    {'f', HeaderId::kFrom},
    {'i', HeaderId::kCallId},
    {'k', HeaderId::kSupported},
    {'l', HeaderId::kContentLength},
    {'m', HeaderId::kContact},
    {'o', HeaderId::kEvent},
    {'t', HeaderId::kTo},
    {'u', HeaderId::kAllowEvents},
    {'v', HeaderId::kVia},
    {'y', HeaderId::kIdentity}};

// The bytes of `text` from `at` on as a number.
template <typename Word>
constexpr Word word_at(const char* text, size_t at) {
  Word word = 0;
  for (size_t i = sizeof word; i-- > 0;) word = static_cast<Word>(word << 8 | static_cast<unsigned char>(text[at + i]));
  return word;
}

// Of one that is not empty and fits into a slot, as it would stand in a message.
constexpr size_t slot_of_name(std::string_view name) {
  std::array<char, 2 + kNameWindowBytes> line = {'\r', '\n'};
  std::copy(name.begin(), name.end(), line.begin() + 2);
  line[2 + name.size()] = ':';
  return slot_of(word_at<uint16_t>(line.data(), 2), word_at<uint32_t>(line.data(), 2 + name.size() - kLastLetters));
}

constexpr bool is_taken(const HeaderNames::Slot& slot) {
  return slot.id != static_cast<uint8_t>(HeaderId::kOther);
}

constexpr void add_spelling(HeaderNames& names, std::string_view name, HeaderId id) {
  HeaderNames::Slot& slot = names.slots[slot_of_name(name)];
  if (is_taken(slot)) return;
  slot.id = static_cast<uint8_t>(id);
  for (size_t k = 0; k < name.size(); ++k) {
    slot.spelling[k] = to_lower(name[k]);
    slot.wanted[k] = slot.spelling[k] >= 'a' && slot.spelling[k] <= 'z' ? 0xdf : 0xff;
  }
  for (const char c : {':', ' '}) {
    const size_t at = name.size() + (c == ' ' ? 1 : 0);
    slot.spelling[at] = c;
    slot.wanted[at] = 0xff;
  }
}

// Leaves out what would stand in another one's slot: then not all are there.
constexpr HeaderNames kAllNames = [] {
  HeaderNames names;
  for (size_t i = 1; i < kNames.size(); ++i) add_spelling(names, kNames[i], static_cast<HeaderId>(i));
  for (const CompactForm& form : kCompact) add_spelling(names, {&form.letter, 1}, form.id);
  return names;
}();
static_assert(std::ranges::count_if(kAllNames.slots, is_taken) == kNames.size() - 1 + std::size(kCompact),
              "kNameSeed does not keep the header names apart: try other odd numbers");

}  // namespace

constexpr HeaderNames kHeaderNames = kAllNames;

HeaderId parse_header_name(std::string_view name) {
  if (name.empty() || name.size() + 2 >= kNameWindowBytes) return HeaderId::kOther;
  const HeaderNames::Slot& slot = kHeaderNames.slots[slot_of_name(name)];
  const std::string_view spelling(slot.spelling.data(), slot.spelling.size());
  const bool is_it = spelling[name.size()] == ':' && equal_ignoring_case(spelling.substr(0, name.size()), name);
  return is_it ? static_cast<HeaderId>(slot.id) : HeaderId::kOther;
}

std::string_view to_string(HeaderId id) { return kNames[static_cast<size_t>(id)]; }

}  // namespace vedette::parsers

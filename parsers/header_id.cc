// Names of header fields, both directions. Long names are found by a perfect hash that the compiler
// computes from the list below and checks; compact forms (RFC 3261 §7.3.3) by their letter.
#include "parsers/header_id.h"

#include <array>
#include <cstddef>

#include "parsers/chars.h"
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
    "P-Asserted-Identity"};

constexpr size_t kSlots = 256;

// A name of two bytes or more: its length and three of its letters tell the known names apart.
constexpr size_t slot_of(std::string_view name, uint32_t seed) {
  const auto letter = [name](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(to_lower(name[i])));
  };
  const uint32_t key = static_cast<uint32_t>(name.size()) ^ letter(0) << 5 ^ letter(name.size() / 2) << 13 ^
                       letter(name.size() - 1) << 21;
  return (key * seed) >> 24;
}

struct NameTable {
  uint32_t seed = 0;  // 0: none was found.
  std::array<HeaderId, kSlots> ids{};
};

constexpr bool fill(NameTable& table, uint32_t seed) {
  table.ids = {};
  for (size_t i = 1; i < kNames.size(); ++i) {
    HeaderId& slot = table.ids[slot_of(kNames[i], seed)];
    if (slot != HeaderId::kOther) return false;
    slot = static_cast<HeaderId>(i);
  }
  table.seed = seed;
  return true;
}

constexpr NameTable kTable = [] {
  NameTable table;
  for (uint32_t seed = 0x9e3779b1u, tries = 0; tries < 2000; seed = seed * 1664525u + 1013904223u, ++tries) {
    if (fill(table, seed | 1u)) return table;
  }
  table.seed = 0;
  return table;
}();
static_assert(kTable.seed != 0, "no seed keeps the header names apart: look at another letter in slot_of");

constexpr HeaderId compact_form(char letter) {
  switch (to_lower(letter)) {
    case 'c':
      return HeaderId::kContentType;
    case 'e':
      return HeaderId::kContentEncoding;
    case 'f':
      return HeaderId::kFrom;
    case 'i':
      return HeaderId::kCallId;
    case 'k':
      return HeaderId::kSupported;
    case 'l':
      return HeaderId::kContentLength;
    case 'm':
      return HeaderId::kContact;
    case 'o':
      return HeaderId::kEvent;
    case 't':
      return HeaderId::kTo;
    case 'u':
      return HeaderId::kAllowEvents;
    case 'v':
      return HeaderId::kVia;
    default:
      return HeaderId::kOther;
  }
}

}  // namespace

HeaderId parse_header_name(std::string_view name) {
  if (name.empty()) return HeaderId::kOther;
  if (name.size() == 1) return compact_form(name[0]);
  const HeaderId id = kTable.ids[slot_of(name, kTable.seed)];
  return equal_ignoring_case(kNames[static_cast<size_t>(id)], name) ? id : HeaderId::kOther;
}

std::string_view to_string(HeaderId id) { return kNames[static_cast<size_t>(id)]; }

}  // namespace vedette::parsers

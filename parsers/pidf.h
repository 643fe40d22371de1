// PIDF (RFC 3863) with the data model (RFC 4479), RPID (RFC 4480), timed status (RFC 4481), CIPID (RFC 4482)
// and service capabilities (RFC 5196): read once, normalised into fragments that can be concatenated.
//
// A fragment is one child element of <presence>, re-written so that it means the same inside any document that
// begins with kPresenceOpen: the PIDF namespace as the default one, the known extensions under their
// customary prefixes, unknown namespaces declared on the fragment's own elements; comments, processing
// instructions and white space between elements dropped; character data, CDATA and attributes escaped anew.
// Bounded: depth, elements, attributes, namespaces and output all have limits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

inline constexpr size_t kFragmentsMax = 32;
inline constexpr size_t kFragmentIdBytesMax = 128;

enum class FragmentKind : uint8_t { kTuple, kPerson, kDevice, kNote, kExtension };
enum class BasicStatus : uint8_t { kNone, kOpen, kClosed };

struct Fragment {
  FragmentKind kind = FragmentKind::kExtension;
  BasicStatus basic = BasicStatus::kNone;       // Tuples (RFC 3863 §4.1.4).
  uint32_t offset = 0;                          // Into the output, bytes.
  uint32_t length = 0;
  // The value of the id attribute, counted from the fragment's begin, so that a composer can put another in its
  // place when two publications chose the same. Length 0 when there is none (notes, extensions).
  uint32_t id_offset = 0;
  uint16_t id_length = 0;
  // Devices: the text of <dm:deviceID>, which says whether two devices are the same one (RFC 4479 §3.3).
  uint16_t device_id_length = 0;
  uint32_t device_id_offset = 0;
};

struct PidfDocument {
  std::string_view entity;                      // As it stands in the input; escapes still inside.
  std::array<Fragment, kFragmentsMax> fragments;
  size_t count = 0;
  size_t length = 0;                            // Bytes of `out` used.
};

// `out` receives the fragments' bytes. kXmlTooLarge when it is too small or there are more than kFragmentsMax.
// A person, device or tuple without an id is kPidf.
ParseError normalise_pidf(std::string_view body, std::span<char> out, PidfDocument& document);

// What a composed document starts and ends with. After kPresenceOpen come the entity, XML-escaped, and
// kPresenceOpenEnd.
extern const std::string_view kPresenceOpen;      // <?xml ...?> and <presence xmlns=... entity="
extern const std::string_view kPresenceOpenEnd;   // ">
extern const std::string_view kPresenceClose;     // </presence>

// Writes `text` with & < > " escaped; returns bytes written, or 0 with ok=false when it does not fit.
size_t write_xml_escaped(std::string_view text, std::span<char> out, bool& ok);

}  // namespace vedette::parsers

// PIDF (RFC 3863) with the data model (RFC 4479), RPID (RFC 4480), timed status (RFC 4481), CIPID (RFC 4482)
// and service capabilities (RFC 5196): read once, normalised into fragments that can be concatenated.
//
// A fragment is one child element of <presence>, re-written so that it means the same inside any document
// that begins with kPresenceOpen: the PIDF namespace as the default one, the known extensions under their
// customary prefixes, unknown namespaces declared on the fragment's own elements; comments, processing
// instructions and white space between elements dropped; character data, CDATA and attributes escaped anew.
//
// Fragments are valid by the schemas (pidf_schema), whatever clients publish: elements that came in another
// order are put into the schema's; what may not stand where it stands, and attributes and texts that are not
// of their types, are left out, each by itself. A word that RPID does not have becomes the text of its
// <other>. Only a document that does not say what its tuples mean is refused. Elements of other namespaces
// pass as they are.
//
// The parts of a fragment, its children and those of a tuple's <status>, are listed, so that a view can leave
// some out without reading XML again. Bounded: depth, elements, attributes, namespaces, parts and output all
// have limits.
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
inline constexpr size_t kFragmentPartsMax = 256;  // Of all fragments of a document.

enum class FragmentKind : uint8_t { kTuple, kPerson, kDevice, kNote, kExtension, kDialog };
enum class BasicStatus : uint8_t { kNone, kOpen, kClosed };

// What a part says, as far as rules tell parts from each other (RFC 5025 §3.3).
enum class PartKind : uint8_t {
  kStatus,         // With its children, which are parts, too, and follow it.
  kBasic,
  kContact,
  kNote,           // Of a tuple, person or device. The others have notes within.
  kTimestamp,
  kDeviceId,
  kActivities,     // RPID from here on.
  kMood,
  kPlaceIs,
  kPlaceType,
  kPrivacy,
  kRelationship,
  kServiceClass,
  kSphere,
  kStatusIcon,
  kTimeOffset,
  kUserInput,
  kClass,
  kCipid,          // card, display-name, homepage, icon, map, sound: RFC 4482.
  kCapabilities,   // servcaps, devcaps: RFC 5196.
  kTimedStatus,    // RFC 4481.
  kWillingness,    // OMA's overriding-willingness.
  kOther
};

// Offsets count from the fragment's begin.
struct FragmentPart {
  uint32_t offset;
  uint32_t length : 24;
  PartKind kind : 8;
};

struct Fragment {
  FragmentKind kind = FragmentKind::kExtension;
  BasicStatus basic = BasicStatus::kNone;       // Tuples (RFC 3863 §4.1.4); dialogs, see dialog_info.h.
  // Persons: <basic> of an <overriding-willingness>, which is for all of the user's services at once (OMA Presence
  // SIMPLE, Data Extensions).
  BasicStatus willingness = BasicStatus::kNone;
  uint32_t offset = 0;                          // Into the output, bytes.
  uint32_t length = 0;
  // The value of the id attribute, counted from the fragment's begin, so that a composer can put another in its
  // place when two publications chose the same. Length 0 when there is none (notes, extensions).
  uint32_t id_offset = 0;
  uint16_t id_length = 0;
  // Devices: the text of <dm:deviceID>, which says whether two devices are the same one (RFC 4479 §3.4).
  uint16_t device_id_length = 0;
  uint32_t device_id_offset = 0;
  // Its parts in the document's list, in the order in which they stand.
  uint16_t parts_begin = 0;
  uint16_t parts_count = 0;
};

struct PidfDocument {
  std::string_view entity;                      // As it stands in the input; escapes still inside.
  bool is_partial = false;                      // It says what has changed (RFC 4235 §4.3), not all there is.
  std::array<Fragment, kFragmentsMax> fragments;
  size_t count = 0;
  size_t length = 0;                            // Bytes of `out` used.
  size_t left_out = 0;                          // Elements, attributes and texts that the schemas do not allow.
  size_t parts_count = 0;
  // The last member, and never cleared.
  std::array<FragmentPart, kFragmentPartsMax> parts;

  void clear() {
    entity = {};
    is_partial = false;
    count = length = left_out = parts_count = 0;
  }
};

// `out` receives the fragments' bytes. kXmlTooLarge when it is too small or there are more than kFragmentsMax
// fragments or kFragmentPartsMax parts.
// kPidf: a tuple, person or device without an id, a tuple without a status, a status that is neither open nor closed, a
// body that is no <presence>.
ParseError normalise_pidf(std::string_view body, std::span<char> out, PidfDocument& document);

// What a composed document starts and ends with. After kPresenceOpen come the entity, XML-escaped, and
// kPresenceOpenEnd.
extern const std::string_view kPresenceOpen;      // <?xml ...?> and <presence xmlns=... entity="
extern const std::string_view kPresenceOpenEnd;   // ">
extern const std::string_view kPresenceClose;     // </presence>

}  // namespace vedette::parsers

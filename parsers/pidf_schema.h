// The schemas of presence documents (RFC 3863 §4.4, RFC 4479 §5, RFC 4480 §5.1) as tables: which element may
// stand in which, in which order and how often, and what its text and its attributes may be. Pure look-ups;
// pidf.cc reads documents by them. What the schemas do not know, elements of other namespaces, may be
// anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/pidf.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {

// The namespaces that mean something in a presence document, as indices into kPidfNamespaces.
namespace pidf_space {
inline constexpr uint8_t kPidf = 0;
inline constexpr uint8_t kDataModel = 1;
inline constexpr uint8_t kRpid = 2;
inline constexpr uint8_t kCipid = 3;
inline constexpr uint8_t kCaps = 4;
inline constexpr uint8_t kTimedStatus = 5;
inline constexpr uint8_t kOmaPresence = 6;
inline constexpr uint8_t kSchemaInstance = 7;
inline constexpr uint8_t kCount = 8;
}  // namespace pidf_space
extern const XmlKnownNamespace kPidfNamespaces[pidf_space::kCount];

// What an element is, by its name and by what it stands in.
enum class PidfType : uint8_t {
  kNowhere,  // It may not stand where it stands.
  kForeign,  // Of another namespace, or within such a one: anything.
  kPresence,
  kTuple,
  kStatus,
  kBasic,
  kContact,
  kPerson,
  kDevice,
  kDeviceId,
  kNote,
  kTimestamp,
  kActivities,
  kMood,
  kPlaceIs,
  kPlaceAudio,
  kPlaceVideo,
  kPlaceText,
  kPlaceType,
  kPrivacy,
  kRelationship,
  kServiceClass,
  kSphere,
  kStatusIcon,
  kTimeOffset,
  kUserInput,
  kClass,
  kWillingness,  // OMA's <overriding-willingness>.
  kWord,         // <away/>.
  kCount
};

enum class PidfContent : uint8_t {
  kElements,
  kNothing,
  kAnything,  // From here on with text.
  kText,
  kBasic,     // From here on of one form.
  kActiveIdle,
  kDateTime,
  kUri,
  kInteger
};

// What an element is held to, and its place among its siblings. Small enough for a register.
struct PidfRule {
  PidfType type = PidfType::kNowhere;
  PidfContent content = PidfContent::kElements;
  PartKind part = PartKind::kOther;  // What it is as a part.
  bool has_id : 1 = false;           // It is a tuple, person or device.
  bool has_parts : 1 = false;        // Its children are parts.
  uint8_t needed = 0;                // Ranks of children, as bits, of which there must be one.
  uint8_t rank = 0;                  // Siblings stand in the order of their ranks.
  uint8_t once = 0;                  // The rank's bit, if there may be one of that rank.
  uint8_t choice = 0;                // Of the children that have one, all have the same.

  bool has_text() const { return content >= PidfContent::kAnything; }
  bool is_of_a_form() const { return content >= PidfContent::kBasic; }
};
static_assert(sizeof(PidfRule) == 8);
inline constexpr size_t kPidfRanks = 6;

// The name stands in a document, behind a root element: the bytes before it may be read.
PidfRule find_pidf_rule(PidfType parent, const XmlName& name);
// The rule for <other> in it, which says in text what RPID has no word for; kNowhere when there is none.
PidfRule find_pidf_other(PidfType parent);

// Whether the text of an element, without the white space around it, may be what it is.
bool is_pidf_text(PidfContent content, std::string_view text);
// Whether an element of this type may have the attribute with its value. Ids of RPID's elements may not: they
// would have to be unique in documents that are composed of many.
bool is_pidf_attribute(PidfType type, const XmlAttribute& attribute);

}  // namespace vedette::parsers

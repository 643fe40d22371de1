// What a PUBLISH does as a table: (what its entity tag names, what it carries) → action, by RFC 3903 §4.1's Table 1 and
// §6. Pure; a test walks every row.
#pragma once

#include <cstdint>

namespace vedette::engine {

// What SIP-If-Match names.
enum class NamedPublication : uint8_t {
  kNone,            // There is none: an initial publication.
  kUnknown,         // None of this presentity and package, or none any more.
  kLive,
  kCount
};

enum class PublicationEvent : uint8_t {
  kBody,            // A PUBLISH with a body,
  kNoBody,          // without one,
  kBodyAtZero,      // and the same with an interval of 0.
  kNoBodyAtZero,
  kExpired,         // Its time is over.
  kCount
};

enum class PublicationAction : uint8_t {
  kCreate,
  kAcknowledge,     // It publishes nothing that would last.
  kModify,
  kRefresh,
  kRemove,
  kRefuseUnknown,   // 412.
  kRefuseEmpty,     // 400.
  kImpossible,      // This event cannot happen to it: a programmer's error.
};

PublicationAction action_of(NamedPublication named, PublicationEvent event);

}  // namespace vedette::engine

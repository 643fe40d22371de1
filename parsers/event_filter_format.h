// The compiled form of an event filter, between its compiler and the one who applies it:
//   [triggers][length][id] [namespaces]{[length][name]} [selectors]{selector} {{change}[0]}
//   selector    [kind][steps]{[descends] name [comparisons]{comparison}}
//   comparison  [begins a new alternative][levels]{name}[of an attribute]{name}[operator][length][value]
//   name        [namespace][length][local name]; without a local name it is any name
//   change      selector, of which the kind is that of the change; [length][from][length][to][length][by]
// Each [] is a byte, but for the texts. Of a change, an empty one was not said; before what was, there is "=".
#pragma once

#include <cstddef>
#include <cstdint>

#include "parsers/xml_scanner.h"

namespace vedette::parsers {

inline constexpr size_t kFilterComparisonsMax = 16;  // Of a filter: as many as a word of the evaluation has bits.
inline constexpr size_t kFilterLevelsMax = 4;        // That a comparison looks below its element.
inline constexpr size_t kFilterValueBytesMax = 255;

// In the place of a namespace.
inline constexpr uint8_t kFilterAnyNamespace = 0xFF;
inline constexpr uint8_t kFilterNoNamespace = kXmlNoNamespace;   // That of an attribute without a prefix.
inline constexpr uint8_t kFilterOwnNamespace = kXmlOwnNamespace; // As in xml:lang.

// Of a selector, as bits of its kind.
inline constexpr uint8_t kFilterExcludes = 1;
inline constexpr uint8_t kFilterIsNamespace = 2;

// RFC 4661 §3.6. Each trigger ends with kEnd.
enum class FilterChangeKind : uint8_t { kEnd, kChanged, kAdded, kRemoved };

// RFC 4661 §5. What stands between quotes is equal as text, a number is as XPath 1.0 (§3.4) compares numbers.
enum class FilterOperator : uint8_t { kEqualText, kEqualNumber, kLess, kGreater };

}  // namespace vedette::parsers
